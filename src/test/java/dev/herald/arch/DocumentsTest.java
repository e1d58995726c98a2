package dev.herald.arch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What documents name is there. */
class DocumentsTest {
    private static final Pattern TEST = Pattern.compile("`(\\w+(?:Test|IT|Properties))`");
    private static final Pattern CODE = Pattern.compile("`([^`]+)`");
    private static final Pattern NAME = Pattern.compile("\\b[A-Z]\\w*(?:[a-z]|_)\\w*|\\b[a-z-]+\\.lua");
    private static final Pattern WORD = Pattern.compile("\\w+");

    @Test
    void every_test_that_proves_a_promise_exists() {
        Set<String> tests = files("src/test/java")
                .map(file -> file.getFileName().toString().replace(".java", ""))
                .collect(Collectors.toSet());

        assertThat(matches(TEST, read(Path.of("docs/promises.md"))))
                .isNotEmpty()
                .isSubsetOf(tests);
    }

    @Test
    void every_step_of_the_walk_is_in_the_code() {
        Set<String> code = new TreeSet<>();
        files("src/main/java").forEach(file -> code.addAll(matches(WORD, read(file))));
        files("src/test/java/dev/herald/arch").forEach(file -> code.addAll(matches(WORD, read(file))));
        files("src/main/resources").forEach(file -> code.add(file.getFileName().toString()));
        String steps = String.join("\n", matches(CODE, read(Path.of("docs/architecture.md"))));

        assertThat(matches(NAME, steps))
                .hasSizeGreaterThan(50)
                .filteredOn(name -> !code.contains(name))
                .isEmpty();
    }

    private static Set<String> matches(Pattern pattern, String text) {
        return pattern.matcher(text)
                .results()
                .map(found -> found.groupCount() == 0 ? found.group() : found.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Stream<Path> files(String folder) {
        try (Stream<Path> files = Files.walk(Path.of(folder))) {
            return files.filter(Files::isRegularFile).toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
