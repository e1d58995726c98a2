package dev.herald.jwt;

import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/** What a token says of its signature, before that is checked (RFC 7515 section 4). */
record Header(String algorithm, Optional<String> keyId) {
    private static final int MAX_CHARS = 8_192;

    static Header of(String token) {
        int end = token.indexOf('.');
        if (token.length() > MAX_CHARS || end < 0) {
            throw JwtCheck.refused(
                    "is neither the one of this device nor a JWT of at most " + MAX_CHARS + " characters");
        }
        JsonObject header = parse(token.substring(0, end));
        if (header.containsKey("crit")) {
            throw JwtCheck.refused("must not have critical extensions");
        }
        Optional<String> keyId = header.getValue("kid") instanceof String id ? Optional.of(id) : Optional.empty();
        return new Header(String.valueOf(header.getValue("alg")), keyId);
    }

    private static JsonObject parse(String part) {
        try {
            return new JsonObject(new String(Base64.getUrlDecoder().decode(part), StandardCharsets.UTF_8));
        } catch (IllegalArgumentException | DecodeException e) {
            throw JwtCheck.refused("is neither the one of this device nor a JWT");
        }
    }
}
