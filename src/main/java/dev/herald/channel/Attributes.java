package dev.herald.channel;

import dev.herald.failure.HeraldException;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;

/** The free-form attributes of a channel: their limits, and how a patch changes them. */
public final class Attributes {
    /** Longest attributes of a channel, in bytes of their JSON text. */
    public static final int MAX_BYTES = 65_536;

    private Attributes() {}

    /** These attributes, if PostgreSQL can keep them. */
    public static JsonObject checked(JsonObject attributes) {
        String text = attributes.encode();
        if (text.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES) {
            throw HeraldException.invalid("attributes", "must not be longer than " + MAX_BYTES + " bytes");
        }
        if (text.contains("\\u0000")) {
            throw HeraldException.invalid("attributes", "must not contain the character U+0000");
        }
        return attributes;
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
