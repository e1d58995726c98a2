package dev.herald.api.http;

import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonInclude.Value;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What the document says of one route's requests.
 *
 * @param body null if none is read
 * @param query null if its parameters are not checked
 * @param integers those parameters of the query that are numbers
 */
record Operation(@Nullable Schema body, @Nullable Schema query, Set<String> integers) {
    static final Operation UNDOCUMENTED = new Operation(null, null, Set.of());

    /** A field that is null is the same as an absent one. */
    private static final ObjectMapper PRESENT = JsonMapper.builder()
            .defaultPropertyInclusion(Value.construct(Include.NON_NULL, Include.NON_NULL))
            .build();

    /**
     * @param value a map or list, as JSON was decoded
     * @throws HeraldException (INVALID) that names every field that is not as documented
     */
    void checkBody(Object value) {
        check(body, value);
    }

    void checkQuery(Map<String, Object> parameters) {
        check(query, parameters);
    }

    private static void check(@Nullable Schema schema, Object value) {
        List<Error> errors = schema == null ? List.of() : schema.validate(PRESENT.valueToTree(value));
        if (!errors.isEmpty()) {
            throw new HeraldException(
                    Failure.INVALID,
                    errors.stream().map(Operation::text).distinct().limit(10).collect(Collectors.joining("; ")));
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
