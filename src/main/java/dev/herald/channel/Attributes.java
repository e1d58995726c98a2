package dev.herald.channel;

import dev.herald.failure.HeraldException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The free-form attributes of a channel: their limits, and how a patch changes them. */
public final class Attributes {
    /** Longest attributes of a channel, in bytes of their JSON text. */
    public static final int MAX_BYTES = 65_536;

    /** Deepest nesting of objects and arrays. */
    public static final int MAX_DEPTH = 32;

    private Attributes() {}

    /** These attributes, if PostgreSQL can keep them. */
    public static JsonObject checked(JsonObject attributes) {
        check(attributes.getMap(), MAX_DEPTH);
        String text = attributes.encode();
        if (text.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES) {
            throw HeraldException.invalid("attributes", "must not be longer than " + MAX_BYTES + " bytes");
        }
        if (text.contains("\\u0000")) {
            throw HeraldException.invalid("attributes", "must not contain the character U+0000");
        }
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
            throw HeraldException.invalid("attributes", "must not contain half of a surrogate pair");
        }
        return attributes;
    }

    private static void check(@Nullable Object value, int depth) {
        if (depth == 0) {
            throw HeraldException.invalid("attributes", "must not be nested deeper than " + MAX_DEPTH + " levels");
        }
        switch (value) {
            case JsonObject object -> object.getMap().values().forEach(nested -> check(nested, depth - 1));
            case JsonArray array -> array.forEach(nested -> check(nested, depth - 1));
            case Map<?, ?> map -> map.values().forEach(nested -> check(nested, depth - 1));
            case List<?> list -> list.forEach(nested -> check(nested, depth - 1));
            case Double number -> checkFinite(number);
            case null -> {}
            default -> {}
        }
    }

    /** JSON's numbers have no bound, those that are kept here have. */
    private static void checkFinite(double number) {
        if (!Double.isFinite(number)) {
            throw HeraldException.invalid("attributes", "has a number beyond the range of a double");
        }
    }

    /** A JSON merge patch (RFC 7396): objects are merged, null removes a key, all else replaces. */
    public static JsonObject merge(JsonObject target, JsonObject patch) {
        JsonObject merged = target.copy();
        patch.forEach(entry -> {
            String key = entry.getKey();
            if (entry.getValue() == null) {
                merged.remove(key);
            } else if (entry.getValue() instanceof JsonObject nested) {
                boolean both = merged.getValue(key) instanceof JsonObject;
                merged.put(key, merge(both ? merged.getJsonObject(key) : JsonObject.of(), nested));
            } else {
                merged.put(key, entry.getValue());
            }
        });
        return checked(merged);
    }
}
