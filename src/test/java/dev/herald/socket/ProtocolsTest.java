package dev.herald.socket;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.herald.wire.Protocol;
import dev.herald.wire.WireException;
import dev.herald.wire.binary.BinaryProtocol;
import dev.herald.wire.json.JsonRpcProtocol;
import java.security.SecureRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProtocolsTest {
    private final Protocols protocols = new Protocols(1024, new SecureRandom());

    @ParameterizedTest
    @ValueSource(strings = {"{", "{\"id\":\"1\"}", " \t\r\n{", "[", "\n["})
    void json_begins_with_a_bracket_after_blanks(String first) {
        assertThat(protocols.detect(first.getBytes(UTF_8))).containsInstanceOf(JsonRpcProtocol.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\u0010", "x", "\u0000{"})
    void anything_else_is_binary(String first) {
        assertThat(protocols.detect(first.getBytes(UTF_8))).containsInstanceOf(BinaryProtocol.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", " \t\r\n"})
    void blanks_decide_nothing(String first) {
        assertThat(protocols.detect(first.getBytes(UTF_8))).isEmpty();
    }

    @Test
    void an_array_is_refused_in_words() {
        byte[] batch = " [{}]".getBytes(UTF_8);
        Protocol json = protocols.detect(batch).orElseThrow();

        assertThatThrownBy(() -> json.read(batch))
                .isInstanceOf(WireException.class)
                .hasMessageContaining("batches");
    }
}
