package dev.herald.jwt;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.auth.JWTOptions;
import io.vertx.ext.auth.PubSecKeyOptions;
import io.vertx.ext.auth.authentication.TokenCredentials;
import io.vertx.ext.auth.jwt.JWTAuth;
import io.vertx.ext.auth.jwt.JWTAuthOptions;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Keys that tokens are held against.
 *
 * @param algorithms of theirs; each key is good for one
 * @param ids of those that have one
 */
record Keys(Set<String> algorithms, Set<String> ids, JWTAuth auth) {
    private static final String SHARED = "HS256";
    private static final String PUBLIC = "RS256";
    private static final String ELLIPTIC = "ES256";
    private static final String CURVE = "P-256";
    private static final int MAX_PUBLISHED = 64;

    /** Base64url digits of 2,048 bits. */
    private static final int LEAST_MODULUS = 342;

    static Keys shared(Vertx vertx, String secret) {
        return of(vertx, SHARED, secret);
    }

    /** @param pem as {@code openssl rsa -pubout} writes it */
    static Keys publicKey(Vertx vertx, String pem) {
        return of(vertx, PUBLIC, pem);
    }

    private static Keys of(Vertx vertx, String algorithm, String key) {
        PubSecKeyOptions options =
                new PubSecKeyOptions().setAlgorithm(algorithm).setBuffer(key);
        return new Keys(
                Set.of(algorithm), Set.of(), JWTAuth.create(vertx, unjudged().addPubSecKey(options)));
    }

    /**
     * Those of a published set (RFC 7517) that are public keys for signatures; a shared secret has no place there.
     *
     * @throws IllegalArgumentException if there are none, or too many
     */
    static Keys published(Vertx vertx, JsonObject set) {
        JsonArray all = set.getValue("keys") instanceof JsonArray array ? array : new JsonArray();
        List<JsonObject> usable = all.stream()
                .filter(JsonObject.class::isInstance)
                .map(JsonObject.class::cast)
                .filter(Keys::isUsable)
                .map(Keys::bare)
                .toList();
        if (usable.isEmpty() || usable.size() > MAX_PUBLISHED) {
            throw new IllegalArgumentException(
                    usable.size() + " RSA or P-256 keys for signatures, of 1 to " + MAX_PUBLISHED);
        }
        Set<String> algorithms = new TreeSet<>();
        Set<String> ids = new HashSet<>();
        usable.forEach(key -> {
            algorithms.add(key.getString("alg"));
            if (key.getValue("kid") instanceof String id) {
                ids.add(id);
            }
        });
        return new Keys(
                algorithms, Set.copyOf(ids), JWTAuth.create(vertx, unjudged().setJwks(usable)));
    }

    /** Without what else issuers put in, such as chains of certificates, which the library would want to be good, too. */
    private static JsonObject bare(JsonObject key) {
        JsonObject bare = isRsa(key)
                ? JsonObject.of("kty", "RSA", "alg", PUBLIC, "n", key.getValue("n"), "e", key.getValue("e"))
                : JsonObject.of(
                        "kty", "EC", "alg", ELLIPTIC, "crv", CURVE, "x", key.getValue("x"), "y", key.getValue("y"));
        bare.put("use", "sig");
        return key.getValue("kid") instanceof String id ? bare.put("kid", id) : bare;
    }

    private static boolean isUsable(JsonObject key) {
        return "sig".equals(key.getValue("use", "sig")) && (isRsa(key) || isElliptic(key));
    }

    private static boolean isRsa(JsonObject key) {
        return "RSA".equals(key.getValue("kty"))
                && PUBLIC.equals(key.getValue("alg", PUBLIC))
                && key.getValue("e") instanceof String
                && key.getValue("n") instanceof String modulus
                && modulus.length() >= LEAST_MODULUS;
    }

    private static boolean isElliptic(JsonObject key) {
        return "EC".equals(key.getValue("kty"))
                && ELLIPTIC.equals(key.getValue("alg", ELLIPTIC))
                && CURVE.equals(key.getValue("crv"))
                && key.getValue("x") instanceof String
                && key.getValue("y") instanceof String;
    }

    /** The library checks signatures only: times and claims are {@link Claims}' matter. */
    private static JWTAuthOptions unjudged() {
        return new JWTAuthOptions().setJWTOptions(new JWTOptions().setIgnoreExpiration(true));
    }

    /** The claims, if the signature is good. */
    Future<JsonObject> verify(Header header, String token) {
        if (!algorithms.contains(header.algorithm())) {
            throw JwtCheck.refused("must be signed with " + String.join(" or ", algorithms));
        }
        return auth.authenticate(new TokenCredentials(token))
                .map(user -> user.attributes().getJsonObject("accessToken"))
                .recover(cause -> Future.failedFuture(JwtCheck.refused("its signature is not by a known key")));
    }
}
