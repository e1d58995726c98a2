package dev.herald.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.herald.failure.HeraldException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EventUrlTest {
    @ParameterizedTest
    @CsvSource({
        "http://h:1/v1/webhook, http://h:1/v1/webhook?event=msg.notify",
        "https://h, https://h/?event=msg.notify",
        "https://h?, https://h/?event=msg.notify",
        "https://h/a%20b?x=%26&y=1#part, https://h/a%20b?x=%26&y=1&event=msg.notify",
        "http://[::1]:8080/, http://[::1]:8080/?event=msg.notify"
    })
    void adds_the_event_to_the_query(String url, String expected) {
        assertThat(new EventUrl(url).of("msg.notify")).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ftp://h/", "/hook", "http:hook", "http://", "http://a b/", "hook"})
    void refuses_what_cannot_be_posted_to(String url) {
        assertThatThrownBy(() -> new EventUrl(url))
                .isInstanceOf(HeraldException.class)
                .hasMessageContaining("webhook.url");
    }
}
