package dev.herald.webhook.post;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.standardwebhooks.Webhook;
import dev.herald.endpoint.Endpoint.Scheme;
import dev.herald.endpoint.Secrets;
import dev.herald.endpoint.SigningSecret;
import dev.herald.failure.HeraldException;
import java.nio.charset.StandardCharsets;
import java.security.KeyFactory;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
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
                .isEqualTo(signer(OLD).sign("evt_1", 1_700_000_000, bytes()));
    }

    @Test
    void during_a_rotation_receivers_with_either_secret_believe_it() {
        long now = Instant.now().getEpochSecond();
        String signature = new Signer(Secrets.of(new SigningSecret(OLD))
                        .rotate(new SigningSecret(NEW), Instant.ofEpochSecond(now + 60)))
                .sign("evt_1", now, bytes());
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
    void a_secret_that_was_replaced_is_not_used_after_its_time() {
        long now = Instant.now().getEpochSecond();
        Secrets rotated = Secrets.of(new SigningSecret(OLD)).rotate(new SigningSecret(NEW), Instant.ofEpochSecond(now));
        assertThat(new Signer(rotated).sign("evt_1", now, bytes()))
                .isEqualTo(signer(NEW).sign("evt_1", now, bytes()));
    }

    @Test
    void ed25519_signatures_verify_with_the_public_key() throws Exception {
        SigningSecret secret = SigningSecret.generate(Scheme.V1A);
        String signature = new Signer(Secrets.of(secret)).sign("evt_1", 7, bytes());
        assertThat(signature).startsWith("v1a,");
        Signature verifier = Signature.getInstance("Ed25519");
        verifier.initVerify(KeyFactory.getInstance("Ed25519")
                .generatePublic(new X509EncodedKeySpec(
                        asn1(Base64.getDecoder().decode(secret.publicKey().substring("whpk_".length()))))));
        verifier.update(("evt_1.7." + BODY).getBytes(StandardCharsets.UTF_8));
        assertThat(verifier.verify(Base64.getDecoder().decode(signature.substring("v1a,".length()))))
                .isTrue();
    }

    @Test
    void refuses_a_secret_that_is_no_key() {
        for (String secret : List.of("", "whsec_", "not base64!", "whsk_" + OLD)) {
            assertThatThrownBy(() -> new SigningSecret(secret))
                    .isInstanceOf(HeraldException.class)
                    .hasMessageContaining("secret");
        }
    }

    private static Signer signer(String secret) {
        return new Signer(Secrets.of(new SigningSecret(secret)));
    }

    /** RFC 8410: the prefix of every ed25519 public key. */
    private static byte[] asn1(byte[] raw) {
        byte[] prefix = HexFormat.of().parseHex("302a300506032b6570032100");
        byte[] whole = Arrays.copyOf(prefix, prefix.length + raw.length);
        System.arraycopy(raw, 0, whole, prefix.length, raw.length);
        return whole;
    }

    private static byte[] bytes() {
        return BODY.getBytes(StandardCharsets.UTF_8);
    }
}
