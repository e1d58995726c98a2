package dev.herald.fanout;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** A command's coalescing key as pointers carry it: the first 64 bits of its hash in 11 characters. */
final class CoalesceKey {
    private CoalesceKey() {}

    /** Empty for none. */
    static String brief(@Nullable String key) {
        if (key == null || key.isEmpty()) {
            return "";
        }
        byte[] hash = sha256(key.getBytes(StandardCharsets.UTF_8));
        return Base64.getUrlEncoder().withoutPadding().encodeToString(Arrays.copyOf(hash, Long.BYTES));
    }

    /** The part of a pointer behind the sequence. */
    static String pointer(long commandId, @Nullable String key) {
        String brief = brief(key);
        return brief.isEmpty() ? Long.toString(commandId) : commandId + ":" + brief;
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
