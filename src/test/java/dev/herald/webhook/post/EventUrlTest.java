package dev.herald.webhook.post;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.endpoint.Endpoint.Format;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
        assertThat(new EventUrl(url, Format.WUKONG).of("msg.notify")).isEqualTo(expected);
    }

    @Test
    void leaves_a_standard_url_as_it_is() {
        assertThat(new EventUrl("https://h/a?x=1", Format.STANDARD).of("msg.notify"))
                .isEqualTo("https://h/a?x=1");
    }

    @Test
    void knows_whom_to_connect_to() {
        EventUrl v6 = new EventUrl("http://[::1]:8080/", Format.STANDARD);
        assertThat(v6.host()).isEqualTo("::1");
        assertThat(v6.port()).isEqualTo(8080);
        assertThat(new EventUrl("https://h/", Format.STANDARD).port()).isEqualTo(443);
        assertThat(new EventUrl("http://h/", Format.STANDARD).port()).isEqualTo(80);
    }
}
