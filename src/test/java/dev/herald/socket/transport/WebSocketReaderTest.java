package dev.herald.socket.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class WebSocketReaderTest {

    @Property
    void fits_any_text_into_a_close_frame(@ForAll String text) {
        String cut = WebSocketReader.fitting(text);
        assertThat(cut.getBytes(StandardCharsets.UTF_8)).hasSizeLessThanOrEqualTo(WebSocketReader.MAX_TEXT_BYTES);
        assertThat(text).startsWith(cut);
    }

    @Test
    void cuts_between_characters() {
        assertThat(WebSocketReader.fitting("a" + "😀".repeat(40))).isEqualTo("a" + "😀".repeat(30));
        assertThat(WebSocketReader.fitting("a".repeat(123))).hasSize(123);
        assertThat(WebSocketReader.fitting("a".repeat(124))).hasSize(123);
    }
}
