package dev.herald.api.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.Error;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.dialect.Dialects;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The document that the server serves: its routes, and what every answer that a test gets is held against. */
public final class Documented {
    private static final String BASE = "https://herald.dev/openapi";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final JsonNode DOCUMENT = tree(Contract.THIS.text().toString());
    private static final SchemaRegistry SCHEMAS = SchemaRegistry.withDefaultDialect(
            Dialects.getOpenApi31(), builder -> builder.schemas(Map.of(BASE, DOCUMENT.toString())));

    /** Each as {@code POST /webhooks/{id}/test}. */
    public static final Set<String> ROUTES = routes();

    private Documented() {}

    /** @throws AssertionError if the answer is not as documented */
    public static void check(String method, String pathAndQuery, int httpStatus, String body) {
        String path = pathAndQuery.replaceFirst("\\?.*", "");
        String at = "/paths/" + path.replace("~", "~0").replace("/", "~1") + "/" + method.toLowerCase(Locale.ROOT);
        JsonNode responses = DOCUMENT.at(at + "/responses");
        if (responses.isMissingNode() || body.isEmpty()) {
            return;
        }
        String which = responses.has(String.valueOf(httpStatus)) ? String.valueOf(httpStatus) : "default";
        String place = responses.path(which).path("$ref").asText("#" + at + "/responses/" + which);
        String schema = place + "/content/application~1json/schema";
        if (DOCUMENT.at(schema.substring(1)).isMissingNode()) {
            return;
        }
        List<Error> errors = SCHEMAS.getSchema(SchemaLocation.of(BASE + schema)).validate(tree(body));
        if (!errors.isEmpty()) {
            throw new AssertionError(
                    method + " " + path + " answered what openapi.yaml has not: " + errors + " in " + body);
        }
    }

    private static Set<String> routes() {
        Set<String> routes = new TreeSet<>();
        DOCUMENT.path("paths").properties().forEach(path -> path.getValue()
                .fieldNames()
                .forEachRemaining(method -> routes.add(method.toUpperCase(Locale.ROOT) + " " + path.getKey())));
        return routes;
    }

    private static JsonNode tree(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new AssertionError("not JSON: " + text, e);
        }
    }
}
