package dev.herald.endpoint;

import dev.herald.endpoint.Endpoint.Scheme;
import dev.herald.failure.HeraldException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;

/**
 * A secret as Standard Webhooks writes them: {@code whsec_} and 24 to 64 bytes for v1, {@code whsk_} and the 64 bytes of
 * an ed25519 seed and public key for v1a, in base64.
 */
public record SigningSecret(String text) {
    public static final String ED25519 = "Ed25519";

    private static final String V1_PREFIX = "whsec_";
    private static final String V1A_PREFIX = "whsk_";
    private static final String PUBLIC_PREFIX = "whpk_";
    private static final int MIN_BYTES = 24;
    private static final int MAX_BYTES = 64;
    private static final int KEY_BYTES = 32;

    /** @throws HeraldException if it is no such secret */
    public SigningSecret {
        int length = decode(text).length;
        boolean good =
                text.startsWith(V1A_PREFIX) ? length == 2 * KEY_BYTES : length >= MIN_BYTES && length <= MAX_BYTES;
        if (!good) {
            throw HeraldException.invalid("secret", "must be base64 of 24 to 64 bytes after an optional whsec_");
        }
    }

    public static SigningSecret generate(Scheme scheme) {
        if (scheme == Scheme.V1) {
            byte[] bytes = new byte[KEY_BYTES];
            new SecureRandom().nextBytes(bytes);
            return ofKey(bytes);
        }
        try {
            KeyPair pair = KeyPairGenerator.getInstance(ED25519).generateKeyPair();
            byte[] both = Arrays.copyOf(tail(pair.getPrivate().getEncoded()), 2 * KEY_BYTES);
            System.arraycopy(tail(pair.getPublic().getEncoded()), 0, both, KEY_BYTES, KEY_BYTES);
            return new SigningSecret(V1A_PREFIX + encode(both));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has " + ED25519, e);
        }
    }

    /** Of scheme v1. */
    static SigningSecret ofKey(byte[] key) {
        return new SigningSecret(V1_PREFIX + encode(key));
    }

    public Scheme scheme() {
        return text.startsWith(V1A_PREFIX) ? Scheme.V1A : Scheme.V1;
    }

    /** The key of HMAC-SHA256, or the ed25519 seed. */
    public byte[] key() {
        byte[] bytes = decode(text);
        return scheme() == Scheme.V1A ? Arrays.copyOf(bytes, KEY_BYTES) : bytes;
    }

    /** What receivers verify with; for v1a only. */
    public String publicKey() {
        byte[] bytes = decode(text);
        return PUBLIC_PREFIX + encode(Arrays.copyOfRange(bytes, KEY_BYTES, 2 * KEY_BYTES));
    }

    @Override
    public String toString() {
        return "***";
    }

    /** The raw key is the end of its ASN.1 form (RFC 8410). */
    private static byte[] tail(byte[] encoded) {
        return Arrays.copyOfRange(encoded, encoded.length - KEY_BYTES, encoded.length);
    }

    private static String encode(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    private static byte[] decode(String text) {
        String base64 = text;
        for (String prefix : new String[] {V1_PREFIX, V1A_PREFIX}) {
            base64 = base64.startsWith(prefix) ? base64.substring(prefix.length()) : base64;
        }
        try {
            return Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            return new byte[0];
        }
    }
}
