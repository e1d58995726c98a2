package dev.herald.webhook.post;

import dev.herald.endpoint.Endpoint.Scheme;
import dev.herald.endpoint.Secrets;
import dev.herald.endpoint.SigningSecret;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.Signature;
import java.security.spec.EdECPrivateKeySpec;
import java.security.spec.NamedParameterSpec;
import java.time.Instant;
import java.util.Base64;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Signs as Standard Webhooks asks: over id, timestamp and body, by HMAC-SHA256 or ed25519, one signature per secret in
 * force.
 */
final class Signer {
    private static final String HMAC = "HmacSHA256";

    private final Secrets secrets;

    Signer(Secrets secrets) {
        this.secrets = secrets;
    }

    /** The value of the header {@code webhook-signature}. */
    String sign(String id, long timestampSeconds, byte[] body) {
        byte[] head = (id + "." + timestampSeconds + ".").getBytes(StandardCharsets.UTF_8);
        return secrets.inForce(Instant.ofEpochSecond(timestampSeconds)).stream()
                .map(secret -> sign(secret, head, body))
                .collect(Collectors.joining(" "));
    }

    private static String sign(SigningSecret secret, byte[] head, byte[] body) {
        try {
            return secret.scheme() == Scheme.V1A
                    ? "v1a," + base64(ed25519(secret, head, body))
                    : "v1," + base64(hmac(secret, head, body));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK can sign so", e);
        }
    }

    private static byte[] hmac(SigningSecret secret, byte[] head, byte[] body) throws GeneralSecurityException {
        Mac mac = Mac.getInstance(HMAC);
        mac.init(new SecretKeySpec(secret.key(), HMAC));
        mac.update(head);
        return mac.doFinal(body);
    }

    private static byte[] ed25519(SigningSecret secret, byte[] head, byte[] body) throws GeneralSecurityException {
        Signature signature = Signature.getInstance(SigningSecret.ED25519);
        signature.initSign(KeyFactory.getInstance(SigningSecret.ED25519)
                .generatePrivate(new EdECPrivateKeySpec(NamedParameterSpec.ED25519, secret.key())));
        signature.update(head);
        signature.update(body);
        return signature.sign();
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }
}
