package dev.herald.jwt;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Signs tokens with the JDK alone, so that what checks them is not checked by itself. */
public final class Issuer {
    public static final String SECRET = "0123456789abcdef0123456789abcdef";

    private static final int COORDINATE_BYTES = 32;

    static final String NAME = "https://id.example.org";

    private static final Base64.Encoder URL = Base64.getUrlEncoder().withoutPadding();

    private final KeyPair pair;
    private final String id;

    public Issuer(String id) {
        this(id, 2_048);
    }

    Issuer(String id, int bits) {
        this(id, "RSA", bits);
    }

    private Issuer(String id, String algorithm, int bits) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
            generator.initialize(bits);
            this.pair = generator.generateKeyPair();
            this.id = id;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** With a key on the curve P-256. */
    static Issuer elliptic(String id) {
        return new Issuer(id, "EC", 256);
    }

    /** Good for a minute from now. */
    public static JsonObject claims(String uid) {
        long now = Instant.now().getEpochSecond();
        return JsonObject.of("iss", NAME, "sub", uid, "iat", now, "exp", now + 60);
    }

    public static String shared(JsonObject claims) {
        return shared(claims, SECRET.getBytes(StandardCharsets.UTF_8));
    }

    static String shared(JsonObject claims, byte[] secret) {
        String text = text(JsonObject.of("alg", "HS256", "typ", "JWT"), claims);
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret, "HmacSHA256"));
            return text + "." + URL.encodeToString(mac.doFinal(bytes(text)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    String sign(JsonObject claims) {
        return sign(JsonObject.of("alg", isElliptic() ? "ES256" : "RS256", "kid", id), claims);
    }

    String sign(JsonObject header, JsonObject claims) {
        String text = text(header, claims);
        try {
            Signature signature =
                    Signature.getInstance(isElliptic() ? "SHA256withECDSAinP1363Format" : "SHA256withRSA");
            signature.initSign(pair.getPrivate());
            signature.update(bytes(text));
            return text + "." + URL.encodeToString(signature.sign());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    static String unsigned(JsonObject claims, String algorithm) {
        return text(JsonObject.of("alg", algorithm), claims) + ".";
    }

    String pem() {
        return "-----BEGIN PUBLIC KEY-----\n"
                + Base64.getMimeEncoder(64, bytes("\n"))
                        .encodeToString(pair.getPublic().getEncoded())
                + "\n-----END PUBLIC KEY-----\n";
    }

    private boolean isElliptic() {
        return pair.getPublic() instanceof ECPublicKey;
    }

    JsonObject jwk() {
        if (pair.getPublic() instanceof ECPublicKey key) {
            return JsonObject.of(
                    "kty",
                    "EC",
                    "use",
                    "sig",
                    "crv",
                    "P-256",
                    "kid",
                    id,
                    "x",
                    coordinate(key.getW().getAffineX()),
                    "y",
                    coordinate(key.getW().getAffineY()));
        }
        RSAPublicKey key = (RSAPublicKey) pair.getPublic();
        return JsonObject.of(
                "kty",
                "RSA",
                "use",
                "sig",
                "alg",
                "RS256",
                "kid",
                id,
                "n",
                number(key.getModulus()),
                "e",
                number(key.getPublicExponent()));
    }

    static JsonObject set(JsonObject... keys) {
        return JsonObject.of("keys", JsonArray.of((Object[]) keys));
    }

    /** As long as the curve wants it. */
    private static String coordinate(BigInteger value) {
        byte[] bytes = value.toByteArray();
        byte[] padded = new byte[COORDINATE_BYTES];
        int length = Math.min(bytes.length, COORDINATE_BYTES);
        System.arraycopy(bytes, bytes.length - length, padded, COORDINATE_BYTES - length, length);
        return URL.encodeToString(padded);
    }

    private static String number(BigInteger value) {
        byte[] bytes = value.toByteArray();
        int sign = bytes[0] == 0 ? 1 : 0;
        return URL.encodeToString(java.util.Arrays.copyOfRange(bytes, sign, bytes.length));
    }

    private static String text(JsonObject header, JsonObject claims) {
        return URL.encodeToString(bytes(header.encode())) + "." + URL.encodeToString(bytes(claims.encode()));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
