package dev.herald.it;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;

/** The forms of what Herald keeps in Redis, as {@code redis-forms.txt} lists them. */
record RedisForms(List<Form> forms) {

    /** @param optional true if a moment may find none */
    private record Form(String key, String value, boolean optional) {}

    static RedisForms read() throws IOException {
        try (InputStream in = RedisForms.class.getResourceAsStream("/redis-forms.txt")) {
            return new RedisForms(new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .map(line -> line.split(" ", 3))
                    .map(part -> new Form(
                            part[0] + " " + part[1], part[2], part[0].matches(".*:(told.*|gone|edges|active)")))
                    .toList());
        }
    }

    /** @param key with its type */
    boolean know(String key, String value) {
        return forms.stream().anyMatch(form -> key.matches(form.key) && value.matches(form.value));
    }

    /** What none of the keys has. */
    List<String> unseen(Collection<String> keys) {
        return forms.stream()
                .filter(form -> !form.optional && keys.stream().noneMatch(key -> key.matches(form.key)))
                .map(Form::key)
                .toList();
    }
}
