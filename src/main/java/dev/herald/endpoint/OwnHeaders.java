package dev.herald.endpoint;

import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Headers that an owner of an endpoint wants with every request, as JSON: name to value. */
public final class OwnHeaders {
    public static final int MOST = 20;

    private static final int MAX_VALUE = 1_024;
    private static final String NAME = "[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}";

    /** Those that a sender or a proxy must choose itself. */
    private static final Set<String> SENDERS = Set.of(
            "host",
            "content-length",
            "content-type",
            "connection",
            "transfer-encoding",
            "upgrade",
            "te",
            "trailer",
            "keep-alive",
            "expect");

    private OwnHeaders() {}

    /** Why this is no header of one's own; empty if it is. */
    public static String problem(String name, @Nullable Object value) {
        String lower = name.toLowerCase(Locale.ROOT);
        if (!name.matches(NAME) || SENDERS.contains(lower) || lower.startsWith("webhook-")) {
            return "is no name for a header of your own";
        }
        return value instanceof String text && text.length() <= MAX_VALUE && text.matches("[\\x20-\\x7e]*")
                ? ""
                : "must be at most " + MAX_VALUE + " characters of ASCII";
    }

    public static List<String> names(JsonObject headers) {
        return List.copyOf(new TreeSet<>(headers.fieldNames()));
    }

    public static Map<String, String> of(JsonObject headers) {
        Map<String, String> all = new HashMap<>();
        headers.forEach(header -> all.put(header.getKey(), String.valueOf(header.getValue())));
        return all;
    }
}
