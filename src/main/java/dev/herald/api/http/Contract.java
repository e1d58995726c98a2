package dev.herald.api.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.dialect.Dialects;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;

/**
 * The OpenAPI 3.1 document: what is served to readers is also what requests are held against, so that the two cannot
 * part. A request is read by its route first, whose messages name limits; what passes there and is not documented is
 * refused all the same.
 */
public final class Contract {
    private static final String RESOURCE = "/openapi.yaml";
    private static final String BASE = "https://herald.dev/openapi";
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Routes share parameters and answers by aliases; the file is our own. */
    private static final LoaderOptions MANY_ALIASES = new LoaderOptions();

    static {
        MANY_ALIASES.setMaxAliasesForCollections(1_000);
    }

    /** That of this build, for all instances: reading it takes half a second. */
    public static final Contract THIS = load();

    private final JsonNode document;
    private final Buffer text;
    private final Map<String, Operation> operations = new HashMap<>();

    private Contract(JsonNode document) {
        this.document = document;
        this.text = Buffer.buffer(document.toPrettyString());
        SchemaRegistry registry = SchemaRegistry.withDefaultDialect(
                Dialects.getOpenApi31(), builder -> builder.schemas(Map.of(BASE, document.toString())));
        document.path("paths").properties().forEach(path -> path.getValue()
                .properties()
                .forEach(method -> operations.put(
                        key(method.getKey(), path.getKey()), operation(registry, path.getKey(), method))));
    }

    private static Contract load() {
        try (InputStream in = Contract.class.getResourceAsStream(RESOURCE)) {
            Map<String, Object> yaml = new Yaml(MANY_ALIASES).load(Objects.requireNonNull(in, RESOURCE));
            return new Contract(JSON.valueToTree(yaml));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** As JSON. */
    Buffer text() {
        return text;
    }

    /** @param path as the router writes it, {@code /webhooks/:id} */
    Optional<Operation> operation(String method, @Nullable String path) {
        return path == null ? Optional.empty() : Optional.ofNullable(operations.get(key(method, path)));
    }

    private static String key(String method, String path) {
        return method.toUpperCase(Locale.ROOT) + " " + path.replaceAll("\\{(\\w+)}", ":$1");
    }

    private Operation operation(SchemaRegistry registry, String path, Map.Entry<String, JsonNode> method) {
        String at = "#/paths/" + path.replace("~", "~0").replace("/", "~1") + "/" + method.getKey();
        ObjectNode query = JSON.createObjectNode().put("type", "object");
        Set<String> integers = new HashSet<>();
        for (JsonNode parameter : method.getValue().path("parameters")) {
            if (parameter.path("in").asText().equals("query")) {
                String name = parameter.path("name").asText();
                query.withObjectProperty("properties").set(name, absolute(parameter.path("schema")));
                if (parameter.path("required").asBoolean()) {
                    query.withArrayProperty("required").add(name);
                }
                if (isInteger(parameter.path("schema"))) {
                    integers.add(name);
                }
            }
        }
        return new Operation(
                body(registry, at, method.getValue().path("requestBody")),
                registry.getSchema(SchemaLocation.of(BASE + at + "/query"), query),
                integers);
    }

    private @Nullable Schema body(SchemaRegistry registry, String at, JsonNode body) {
        if (body.isMissingNode()) {
            return null;
        }
        String ref = body.path("$ref").asText(at + "/requestBody");
        String schema = "/content/application~1json/schema";
        if (document.at((ref + schema).substring(1)).isMissingNode()) {
            throw new IllegalStateException("openapi.yaml has no schema at " + ref);
        }
        return registry.getSchema(SchemaLocation.of(BASE + ref + schema));
    }

    private boolean isInteger(JsonNode schema) {
        JsonNode type =
                schema.has("$ref") ? document.at(schema.path("$ref").asText().substring(1)) : schema;
        return type.path("type").asText().equals("integer")
                || type.at("/enum/0").isInt();
    }

    private static JsonNode absolute(JsonNode schema) {
        return schema.has("$ref")
                ? JSON.createObjectNode().put("$ref", BASE + schema.path("$ref").asText())
                : schema;
    }
}
