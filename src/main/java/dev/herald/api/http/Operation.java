package dev.herald.api.http;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What the document says of one route's requests.
 *
 * @param body null if none is read
 * @param query null if its parameters are not checked
 */
record Operation(@Nullable Schema body, @Nullable Schema query) {
    static final Operation UNDOCUMENTED = new Operation(null, null);

    /** A field that is null is the same as an absent one. */
    private static final ObjectReader READER = JsonMapper.builder()
            .disable(JsonNodeFeature.READ_NULL_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build()
            .reader();

    /** @throws HeraldException (INVALID) that names every field that is not as documented */
    void checkBody(Buffer text) {
        if (body != null) {
            check(body, text.getBytes());
        }
    }

    void checkQuery(JsonObject parameters) {
        if (query != null) {
            check(query, parameters.toBuffer().getBytes());
        }
    }

    private static void check(Schema schema, byte[] text) {
        List<Error> errors = schema.validate(tree(text));
        if (!errors.isEmpty()) {
            throw new HeraldException(
                    Failure.INVALID,
                    errors.stream().map(Operation::text).distinct().limit(10).collect(Collectors.joining("; ")));
        }
    }

    private static JsonNode tree(byte[] text) {
        try {
            return READER.readTree(text);
        } catch (IOException e) {
            throw HeraldException.invalid("body", "is not one whole JSON text");
        }
    }

    /** {@code /items/3/uid} is {@code items[3].uid} elsewhere in Herald's answers. */
    private static String text(Error error) {
        String place = String.valueOf(error.getInstanceLocation())
                .replaceAll("/(\\d+)", "[$1]")
                .replaceFirst("^/", "")
                .replace('/', '.');
        return (place.isEmpty() ? "body" : place) + ": " + error.getMessage();
    }
}
