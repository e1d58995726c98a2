package dev.herald.wire.binary;

import dev.herald.wire.WireException;
import java.util.Base64;
import java.util.random.RandomGenerator;
import org.bouncycastle.math.ec.rfc7748.X25519;

/** One side of an X25519 agreement; on the wire keys are base64 of the raw 32 bytes of RFC 7748. */
final class KeyExchange {
    private final byte[] privateKey;

    KeyExchange(byte[] privateKey) {
        this.privateKey = privateKey;
    }

    static KeyExchange generate(RandomGenerator random) {
        byte[] key = new byte[X25519.SCALAR_SIZE];
        random.nextBytes(key);
        return new KeyExchange(key);
    }

    String publicKey() {
        byte[] key = new byte[X25519.POINT_SIZE];
        X25519.scalarMultBase(privateKey, 0, key, 0);
        return Base64.getEncoder().encodeToString(key);
    }

    /**
     * The shared secret.
     *
     * @throws WireException unless the peer's key is base64 of 32 bytes and no point of low order
     */
    byte[] agree(String peerKey) {
        byte[] key = decode(peerKey);
        if (key.length != X25519.POINT_SIZE) {
            throw new WireException("clientKey must be base64 of " + X25519.POINT_SIZE + " bytes");
        }
        byte[] secret = new byte[X25519.POINT_SIZE];
        if (!X25519.calculateAgreement(privateKey, 0, key, 0, secret, 0)) {
            throw new WireException("clientKey is no usable X25519 key");
        }
        return secret;
    }

    /** What is not base64 has no bytes. */
    private static byte[] decode(String key) {
        try {
            return Base64.getDecoder().decode(key);
        } catch (IllegalArgumentException e) {
            return new byte[0];
        }
    }
}
