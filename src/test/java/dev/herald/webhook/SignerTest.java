package dev.herald.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.standardwebhooks.Webhook;
import dev.herald.config.Secret;
import dev.herald.failure.HeraldException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SignerTest {
    private static final String OLD = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private static final String NEW = "C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
    private static final String BODY = "[\"ü1-1-1-1024-1-2\"]";

    @Test
    void a_receiver_believes_it() throws Exception {
        assertThat(new Webhook(OLD).sign("evt_1", 1_700_000_000, BODY))
                .isEqualTo(new Signer(List.of(new Secret(OLD))).sign("evt_1", 1_700_000_000, bytes()));
    }

    @Test
    void during_a_rotation_receivers_with_either_secret_believe_it() {
        long now = Instant.now().getEpochSecond();
        String signature = new Signer(List.of(new Secret(OLD), new Secret(NEW))).sign("evt_1", now, bytes());
        for (String secret : List.of(OLD, NEW)) {
            assertThatCode(() -> new Webhook(secret)
                            .verify(
                                    BODY,
                                    Map.of(
                                            "webhook-id", List.of("evt_1"),
                                            "webhook-timestamp", List.of(Long.toString(now)),
                                            "webhook-signature", List.of(signature))))
                    .doesNotThrowAnyException();
        }
    }

    @Test
    void without_a_secret_it_does_not_sign() {
        assertThat(new Signer(List.of()).signs()).isFalse();
    }

    @Test
    void refuses_a_secret_that_is_no_key() {
        for (String secret : List.of("", "whsec_", "not base64!")) {
            assertThatThrownBy(() -> new Signer(List.of(new Secret(secret))))
                    .isInstanceOf(HeraldException.class)
                    .hasMessageContaining("webhook.secret");
        }
    }

    private static byte[] bytes() {
        return BODY.getBytes(StandardCharsets.UTF_8);
    }
}
