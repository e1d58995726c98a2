package dev.herald.fanout.inbox;

import dev.herald.model.Sha256;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** A command's coalescing key as pointers carry it: the first 64 bits of its hash in 11 characters. */
public final class CoalesceKey {
    private CoalesceKey() {}

    /** Empty for none. */
    public static String brief(@Nullable String key) {
        if (key == null || key.isEmpty()) {
            return "";
        }
        byte[] hash = Sha256.of(key.getBytes(StandardCharsets.UTF_8));
        return Base64.getUrlEncoder().withoutPadding().encodeToString(Arrays.copyOf(hash, Long.BYTES));
    }

    /** The part of a pointer behind the sequence. */
    public static String pointer(long commandId, @Nullable String key) {
        String brief = brief(key);
        return brief.isEmpty() ? Long.toString(commandId) : commandId + ":" + brief;
    }
}
