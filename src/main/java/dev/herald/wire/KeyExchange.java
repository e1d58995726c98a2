package dev.herald.wire;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.spec.NamedParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.security.spec.XECPrivateKeySpec;
import java.util.Base64;
import java.util.HexFormat;
import java.util.random.RandomGenerator;
import javax.crypto.KeyAgreement;

/** One side of an X25519 agreement; on the wire keys are base64 of the raw 32 bytes of RFC 7748. */
final class KeyExchange {
    private static final String ALGORITHM = "X25519";
    private static final int KEY_BYTES = 32;

    /** What stands before the raw bytes of an X25519 public key in its X.509 form (RFC 8410 section 4). */
    private static final byte[] X509_PREFIX = HexFormat.of().parseHex("302a300506032b656e032100");

    private static final byte[] BASE_POINT = basePoint();

    private final byte[] privateKey;

    KeyExchange(byte[] privateKey) {
        this.privateKey = privateKey;
    }

    static KeyExchange generate(RandomGenerator random) {
        byte[] key = new byte[KEY_BYTES];
        random.nextBytes(key);
        return new KeyExchange(key);
    }

    String publicKey() {
        return Base64.getEncoder().encodeToString(agree(BASE_POINT));
    }

    /**
     * The shared secret.
     *
     * @throws WireException unless the peer's key is base64 of 32 bytes and no point of low order
     */
    byte[] agree(String peerKey) {
        try {
            byte[] key = Base64.getDecoder().decode(peerKey);
            if (key.length == KEY_BYTES) {
                return agree(key);
            }
        } catch (IllegalArgumentException e) {
            // Not base64, which is the same mistake as a wrong length.
        }
        throw new WireException("clientKey must be base64 of " + KEY_BYTES + " bytes");
    }

    /** The JDK refuses a point of low order, that is an all-zero secret. */
    private byte[] agree(byte[] peerKey) {
        try {
            KeyFactory keys = KeyFactory.getInstance(ALGORITHM);
            PrivateKey ours = keys.generatePrivate(new XECPrivateKeySpec(NamedParameterSpec.X25519, privateKey));
            PublicKey theirs = keys.generatePublic(new X509EncodedKeySpec(x509(peerKey)));
            KeyAgreement agreement = KeyAgreement.getInstance(ALGORITHM);
            agreement.init(ours);
            agreement.doPhase(theirs, true);
            return agreement.generateSecret();
        } catch (GeneralSecurityException e) {
            throw new WireException("clientKey is no usable X25519 key");
        }
    }

    private static byte[] x509(byte[] raw) {
        byte[] encoded = new byte[X509_PREFIX.length + raw.length];
        System.arraycopy(X509_PREFIX, 0, encoded, 0, X509_PREFIX.length);
        System.arraycopy(raw, 0, encoded, X509_PREFIX.length, raw.length);
        return encoded;
    }

    private static byte[] basePoint() {
        byte[] point = new byte[KEY_BYTES];
        point[0] = 9;
        return point;
    }
}
