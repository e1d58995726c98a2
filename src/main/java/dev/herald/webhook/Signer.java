package dev.herald.webhook;

import dev.herald.config.Secret;
import dev.herald.failure.HeraldException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Signs as Standard Webhooks asks: HMAC-SHA256 over id, timestamp and body, one signature per secret in force. */
final class Signer {
    private static final String ALGORITHM = "HmacSHA256";
    private static final String PREFIX = "whsec_";

    private final List<SecretKeySpec> keys;

    /**
     * @param secrets base64 after an optional {@code whsec_}; none signs nothing
     * @throws HeraldException if one is not base64 or empty
     */
    Signer(List<Secret> secrets) {
        this.keys = secrets.stream().map(Signer::key).toList();
    }

    boolean signs() {
        return !keys.isEmpty();
    }

    /** The value of the header {@code webhook-signature}. */
    String sign(String id, long timestampSeconds, byte[] body) {
        byte[] head = (id + "." + timestampSeconds + ".").getBytes(StandardCharsets.UTF_8);
        return keys.stream().map(key -> "v1," + mac(key, head, body)).collect(Collectors.joining(" "));
    }

    private static SecretKeySpec key(Secret secret) {
        String text = secret.value().startsWith(PREFIX) ? secret.value().substring(PREFIX.length()) : secret.value();
        try {
            return new SecretKeySpec(Base64.getDecoder().decode(text), ALGORITHM);
        } catch (IllegalArgumentException e) {
            throw HeraldException.invalid("webhook.secret", "must be base64 after an optional whsec_");
        }
    }

    private static String mac(SecretKeySpec key, byte[] head, byte[] body) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            mac.update(head);
            return Base64.getEncoder().encodeToString(mac.doFinal(body));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has " + ALGORITHM, e);
        }
    }
}
