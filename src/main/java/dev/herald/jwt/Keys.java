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

/**
 * Keys of one algorithm.
 *
 * @param ids of those that have one
 */
record Keys(String algorithm, Set<String> ids, JWTAuth auth) {
    private static final String SHARED = "HS256";
    private static final String PUBLIC = "RS256";
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
        return new Keys(algorithm, Set.of(), JWTAuth.create(vertx, unjudged().addPubSecKey(options)));
    }

    /**
     * Those of a published set (RFC 7517) that are RSA keys for signatures; a shared secret has no place there.
     *
     * @throws IllegalArgumentException if there are none, or too many
     */
    static Keys published(Vertx vertx, JsonObject set) {
        JsonArray all = set.getValue("keys") instanceof JsonArray array ? array : new JsonArray();
        List<JsonObject> usable = all.stream()
                .filter(JsonObject.class::isInstance)
                .map(JsonObject.class::cast)
                .filter(Keys::isUsable)
                .map(key -> key.copy().put("alg", PUBLIC))
                .toList();
        if (usable.isEmpty() || usable.size() > MAX_PUBLISHED) {
            throw new IllegalArgumentException(usable.size() + " RSA keys for signatures, of 1 to " + MAX_PUBLISHED);
        }
        Set<String> ids = new HashSet<>();
        usable.forEach(key -> {
            if (key.getValue("kid") instanceof String id) {
                ids.add(id);
            }
        });
        return new Keys(
                PUBLIC, Set.copyOf(ids), JWTAuth.create(vertx, unjudged().setJwks(usable)));
    }

    private static boolean isUsable(JsonObject key) {
        return "RSA".equals(key.getValue("kty"))
                && "sig".equals(key.getValue("use", "sig"))
                && PUBLIC.equals(key.getValue("alg", PUBLIC))
                && key.getValue("n") instanceof String modulus
                && modulus.length() >= LEAST_MODULUS;
    }

    /** The library checks signatures only: times and claims are {@link Claims}' matter. */
    private static JWTAuthOptions unjudged() {
        return new JWTAuthOptions().setJWTOptions(new JWTOptions().setIgnoreExpiration(true));
    }

    /** The claims, if the signature is good. */
    Future<JsonObject> verify(Header header, String token) {
        if (!algorithm.equals(header.algorithm())) {
            throw JwtCheck.refused("must be signed with " + algorithm);
        }
        return auth.authenticate(new TokenCredentials(token))
                .map(user -> user.attributes().getJsonObject("accessToken"))
                .recover(cause -> Future.failedFuture(JwtCheck.refused("its signature is not by a known key")));
    }
}
