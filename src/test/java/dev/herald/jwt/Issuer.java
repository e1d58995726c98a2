package dev.herald.jwt;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Signs tokens with the JDK alone, so that what checks them is not checked by itself. */
public final class Issuer {
    public static final String SECRET = "0123456789abcdef0123456789abcdef";

    static final String NAME = "https://id.example.org";

    private static final Base64.Encoder URL = Base64.getUrlEncoder().withoutPadding();

    private final KeyPair pair;
    private final String id;

    public Issuer(String id) {
        this(id, 2_048);
    }

    Issuer(String id, int bits) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(bits);
            this.pair = generator.generateKeyPair();
            this.id = id;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
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
        return sign(JsonObject.of("alg", "RS256", "kid", id), claims);
    }

    String sign(JsonObject header, JsonObject claims) {
        String text = text(header, claims);
        try {
            Signature signature = Signature.getInstance("SHA256withRSA");
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

    JsonObject jwk() {
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
