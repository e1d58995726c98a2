package dev.herald.api;

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

/** Holds every answer that a test gets against the document that the server serves. */
final class DocumentedAnswers {
    private static final String BASE = "https://herald.dev/openapi";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final JsonNode DOCUMENT = tree(Contract.THIS.text().toString());
    private static final SchemaRegistry SCHEMAS = SchemaRegistry.withDefaultDialect(
            Dialects.getOpenApi31(), builder -> builder.schemas(Map.of(BASE, DOCUMENT.toString())));

    private DocumentedAnswers() {}

    static void check(String method, String pathAndQuery, ApiServer.Answer answer) {
        String path = pathAndQuery.replaceFirst("\\?.*", "");
        String at = "/paths/" + path.replace("~", "~0").replace("/", "~1") + "/" + method.toLowerCase(Locale.ROOT);
        JsonNode responses = DOCUMENT.at(at + "/responses");
        if (responses.isMissingNode() || answer.body().isEmpty()) {
            return;
        }
        String which = responses.has(String.valueOf(answer.status())) ? String.valueOf(answer.status()) : "default";
        String place = responses.path(which).path("$ref").asText("#" + at + "/responses/" + which);
        String schema = place + "/content/application~1json/schema";
        if (DOCUMENT.at(schema.substring(1)).isMissingNode()) {
            return;
        }
        List<Error> errors = SCHEMAS.getSchema(SchemaLocation.of(BASE + schema)).validate(tree(answer.body()));
        if (!errors.isEmpty()) {
            throw new AssertionError(
                    method + " " + path + " answered what openapi.yaml has not: " + errors + " in " + answer.body());
        }
    }

    private static JsonNode tree(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new AssertionError("not JSON: " + text, e);
        }
    }
}
