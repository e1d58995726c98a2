package dev.herald.api.send;

import dev.herald.api.http.Fields;
import dev.herald.model.Payload;
import io.vertx.core.json.JsonArray;
import java.util.Base64;
import java.util.Optional;

/** The payload of a message, as JSON holds it: padded standard base64, or an array of byte values. */
final class PayloadField {
    private static final String NAME = "payload";
    private static final int MAX_BYTE = 255;

    private PayloadField() {}

    static Payload read(Fields fields) {
        Optional<byte[]> bytes =
                switch (fields.raw(NAME)) {
                    case null -> Optional.of(new byte[0]);
                    case String text -> decode(text);
                    case JsonArray array -> collect(array);
                    default -> Optional.empty();
                };
        if (bytes.isEmpty()) {
            fields.refuse(NAME, "must be padded standard base64, or an array of integers from 0 to 255");
        } else if (bytes.get().length == 0) {
            fields.refuse(NAME, "is required");
        } else if (bytes.get().length > Payload.MAX_BYTES) {
            fields.refuse(NAME, "must not be longer than " + Payload.MAX_BYTES + " bytes");
        }
        return bytes.map(Payload::of).orElse(Payload.EMPTY);
    }

    private static Optional<byte[]> decode(String text) {
        if (text.length() % 4 != 0) {
            return Optional.empty();
        }
        try {
            return Optional.of(Base64.getDecoder().decode(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static Optional<byte[]> collect(JsonArray array) {
        byte[] bytes = new byte[array.size()];
        for (int i = 0; i < bytes.length; i++) {
            if (!(array.getValue(i) instanceof Integer value) || value < 0 || value > MAX_BYTE) {
                return Optional.empty();
            }
            bytes[i] = value.byteValue();
        }
        return Optional.of(bytes);
    }
}
