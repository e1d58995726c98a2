package dev.herald.eventlog;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.vertx.core.json.JsonObject;

/** Holds what producers record against the schemas that the server hands out. */
public final class EventSchemas {
    private EventSchemas() {}

    /** @param data as it is recorded */
    public static void assertDescribed(EventType type, JsonObject data) {
        JsonObject schema = EventExamples.of(type)
                .getJsonObject("standard")
                .getJsonObject("properties")
                .getJsonObject("data")
                .put("additionalProperties", false);
        assertThat(SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                        .getSchema(schema.encode())
                        .validate(data.encode(), InputFormat.JSON))
                .isEmpty();
    }
}
