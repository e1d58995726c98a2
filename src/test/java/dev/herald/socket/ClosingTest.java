package dev.herald.socket;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class ClosingTest {

    @Property
    void fits_any_text_into_a_close_frame(@ForAll String text) {
        String cut = Closing.garbage(text).text();
        assertThat(cut.getBytes(StandardCharsets.UTF_8)).hasSizeLessThanOrEqualTo(Closing.MAX_TEXT_BYTES);
        assertThat(text).startsWith(cut);
    }

    @Test
    void cuts_between_characters() {
        assertThat(Closing.garbage("a" + "😀".repeat(40)).text()).isEqualTo("a" + "😀".repeat(30));
        assertThat(Closing.garbage("a".repeat(123)).text()).hasSize(123);
        assertThat(Closing.garbage("a".repeat(124)).text()).hasSize(123);
    }
}
