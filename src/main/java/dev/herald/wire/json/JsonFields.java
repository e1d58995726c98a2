package dev.herald.wire.json;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.herald.wire.Frame;
import dev.herald.wire.WireException;
import java.util.Optional;

/** Typed access to a received JSON object: null counts as absent, and a failure names the field by its path. */
final class JsonFields {
    /** Numbers keep their digits, and names that clients invent are not collected. */
    private static final ObjectReader READER = JsonMapper.builder(JsonFactory.builder()
                    .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
                    .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                    .build())
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS, DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build()
            .readerFor(JsonNode.class);

    private final JsonNode node;
    private final String path;

    private JsonFields(JsonNode node, String path) {
        this.node = node;
        this.path = path;
    }

    /** @throws WireException if the text is not JSON */
    static JsonFields parse(String text) {
        try {
            return new JsonFields(READER.readValue(text), "");
        } catch (JsonProcessingException e) {
            throw new WireException("a message is not JSON");
        }
    }

    /** An object's fields, or none of them if it is absent. */
    JsonFields object(String name) {
        JsonNode child = get(name).orElse(MissingNode.getInstance());
        if (!child.isMissingNode() && !child.isObject()) {
            throw bad(name, "must be an object");
        }
        return new JsonFields(child, path + name + ".");
    }

    String text(String name) {
        return text(name, Frame.MAX_TEXT_BYTES).orElseThrow(() -> bad(name, "is missing"));
    }

    String text(String name, String otherwise) {
        return text(name, Frame.MAX_TEXT_BYTES).orElse(otherwise);
    }

    /** @param maxBytes in UTF-8 */
    Optional<String> text(String name, int maxBytes) {
        return get(name).map(value -> {
            if (!value.isTextual()) {
                throw bad(name, "must be a string");
            }
            byte[] bytes = value.textValue().getBytes(UTF_8);
            if (bytes.length > maxBytes) {
                throw bad(name, "has " + bytes.length + " bytes, the limit is " + maxBytes);
            }
            if (!new String(bytes, UTF_8).equals(value.textValue())) {
                throw bad(name, "is not valid Unicode");
            }
            return value.textValue();
        });
    }

    long number(String name, long max) {
        return whole(name, max).orElseThrow(() -> bad(name, "is missing"));
    }

    long number(String name, long max, long otherwise) {
        return whole(name, max).orElse(otherwise);
    }

    boolean flag(String name) {
        return get(name)
                .map(value -> {
                    if (!value.isBoolean()) {
                        throw bad(name, "must be true or false");
                    }
                    return value.booleanValue();
                })
                .orElse(false);
    }

    Optional<JsonNode> get(String name) {
        JsonNode value = node.path(name);
        return value.isMissingNode() || value.isNull() ? Optional.empty() : Optional.of(value);
    }

    WireException bad(String name, String problem) {
        return new WireException(path + name + " " + problem);
    }

    private Optional<Long> whole(String name, long max) {
        return get(name).map(value -> {
            if (!value.isIntegralNumber()
                    || !value.canConvertToLong()
                    || value.longValue() < 0
                    || value.longValue() > max) {
                throw bad(name, "must be a whole number from 0 to " + max);
            }
            return value.longValue();
        });
    }
}
