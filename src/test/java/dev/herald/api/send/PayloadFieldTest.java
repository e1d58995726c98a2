package dev.herald.api.send;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.herald.api.http.Fields;
import dev.herald.model.Payload;
import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PayloadFieldTest {
    @Test
    void reads_padded_base64() {
        assertThat(read("\"aGk=\"")).isEqualTo(Payload.of("hi"));
    }

    @Test
    void reads_an_array_of_byte_values() {
        assertThat(read("[104,105,255,0]")).isEqualTo(Payload.of(new byte[] {'h', 'i', -1, 0}));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"\"aGk\"", "\"_-8=\"", "\"a b=\"", "\"====\"", "[256]", "[-1]", "[1.5]", "[\"1\"]", "{}", "7"})
    void refuses_other_forms(String json) {
        assertThatThrownBy(() -> read(json))
                .hasMessage("payload: must be padded standard base64, or an array of integers from 0 to 255");
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", "\"\"", "[]"})
    void refuses_an_empty_payload(String json) {
        assertThatThrownBy(() -> read(json)).hasMessage("payload: is required");
    }

    private static Payload read(String json) {
        return Fields.read(new JsonObject("{\"payload\":" + json + "}"), PayloadField::read);
    }
}
