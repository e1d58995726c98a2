package dev.herald.api.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.herald.failure.HeraldException;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ContractTest {
    private static final Contract CONTRACT = Contract.THIS;

    @Test
    void names_every_field_that_is_not_as_documented() {
        Operation send = CONTRACT.operation("POST", "/message/send").orElseThrow();
        assertThatThrownBy(() -> send.checkBody(json("{\"channel_type\":-2,\"header\":{\"red_dot\":7}}")))
                .isInstanceOf(HeraldException.class)
                .hasMessageContaining("payload")
                .hasMessageContaining("channel_type: ")
                .hasMessageContaining("header.red_dot: ");
    }

    @Test
    void names_the_place_in_an_array() {
        Operation create = CONTRACT.operation("POST", "/channel").orElseThrow();
        assertThatThrownBy(() ->
                        create.checkBody(json("{\"channel_id\":\"g\",\"channel_type\":2,\"subscribers\":[\"a\",7]}")))
                .hasMessageContaining("subscribers[1]: ");
    }

    @Test
    void takes_null_as_absent_and_ignores_what_it_does_not_know() {
        CONTRACT.operation("POST", "/channel")
                .orElseThrow()
                .checkBody(json("{\"channel_id\":\"g\",\"channel_type\":2,\"ban\":null,\"other\":{\"deep\":null}}"));
    }

    @Test
    void checks_the_parameters_of_a_query() {
        Operation list = CONTRACT.operation("GET", "/channel/subscribers").orElseThrow();
        list.checkQuery(Map.<String, Object>of("channel_id", "g", "channel_type", 2));
        assertThatThrownBy(
                        () -> list.checkQuery(Map.<String, Object>of("channel_id", "g", "channel_type", 2, "limit", 0)))
                .hasMessageContaining("limit: ");
        assertThatThrownBy(() -> list.checkQuery(Map.<String, Object>of("channel_id", "g")))
                .hasMessageContaining("channel_type");
    }

    @Test
    void knows_which_parameters_are_numbers() {
        assertThat(CONTRACT.operation("GET", "/channel/subscribers")
                        .orElseThrow()
                        .integers())
                .containsExactlyInAnyOrder("channel_type", "limit");
        assertThat(CONTRACT.operation("GET", "/route").orElseThrow().integers()).containsExactly("intranet");
    }

    @Test
    void is_one_openapi_document() {
        JsonObject document = CONTRACT.text().toJsonObject();
        assertThat(document.getString("openapi")).startsWith("3.1");
        assertThat(document.getJsonObject("paths").fieldNames()).contains("/channel/info", "/user/token");
    }

    private static Map<String, Object> json(String text) {
        return new JsonObject(text).getMap();
    }
}
