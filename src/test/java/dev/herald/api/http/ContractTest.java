package dev.herald.api.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.herald.failure.HeraldException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.Test;

class ContractTest {
    private static final Contract CONTRACT = Contract.THIS;

    @Test
    void names_every_field_that_is_not_as_documented() {
        Operation send = CONTRACT.operation("POST", "/message/send").orElseThrow();
        assertThatThrownBy(() -> send.checkBody(Buffer.buffer("{\"channel_type\":-2,\"header\":{\"red_dot\":7}}")))
                .isInstanceOf(HeraldException.class)
                .hasMessageContaining("payload")
                .hasMessageContaining("channel_type: ")
                .hasMessageContaining("header.red_dot: ");
    }

    @Test
    void names_the_place_in_an_array() {
        Operation create = CONTRACT.operation("POST", "/channel").orElseThrow();
        Buffer body = Buffer.buffer("{\"channel_id\":\"g\",\"channel_type\":2,\"subscribers\":[\"a\",7]}");
        assertThatThrownBy(() -> create.checkBody(body)).hasMessageContaining("subscribers[1]: ");
    }

    @Test
    void takes_null_as_absent_and_ignores_what_it_does_not_know() {
        CONTRACT.operation("POST", "/channel")
                .orElseThrow()
                .checkBody(Buffer.buffer("{\"channel_id\":\"g\",\"channel_type\":2,\"ban\":null,\"other\":{}}"));
    }

    @Test
    void checks_the_parameters_of_a_query() {
        Operation list = CONTRACT.operation("GET", "/channel/subscribers").orElseThrow();
        list.checkQuery(JsonObject.of("channel_id", "g", "channel_type", 2));
        assertThatThrownBy(() -> list.checkQuery(JsonObject.of("channel_id", "g", "channel_type", 2, "limit", 0)))
                .hasMessageContaining("limit: ");
        assertThatThrownBy(() -> list.checkQuery(JsonObject.of("channel_id", "g")))
                .hasMessageContaining("channel_type");
    }

    @Test
    void is_one_openapi_document() {
        JsonObject document = CONTRACT.text().toJsonObject();
        assertThat(document.getString("openapi")).startsWith("3.1");
        assertThat(document.getJsonObject("paths").fieldNames()).contains("/channel/info", "/user/token");
    }
}
