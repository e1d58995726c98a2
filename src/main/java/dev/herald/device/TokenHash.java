package dev.herald.device;

import dev.herald.model.Sha256;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/** The SHA-256 of a token: all that is stored of it, so a copy of the table opens no connection. */
public final class TokenHash {
    private final byte[] digest;

    private TokenHash(byte[] digest) {
        this.digest = digest;
    }

    public static TokenHash of(String token) {
        return new TokenHash(Sha256.of(token.getBytes(StandardCharsets.UTF_8)));
    }

    /** True for the token that this was made of; takes the same time whatever the token is. An empty token never matches. */
    public boolean matches(String token) {
        return !token.isEmpty() && MessageDigest.isEqual(digest, of(token).digest);
    }

    static TokenHash stored(Buffer digest) {
        return new TokenHash(digest.getBytes());
    }

    Buffer stored() {
        return Buffer.buffer(digest);
    }
}
