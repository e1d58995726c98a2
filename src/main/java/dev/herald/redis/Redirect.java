package dev.herald.redis;

import org.jspecify.annotations.Nullable;

/**
 * A server's word that another one has what was asked for.
 *
 * @param server its {@code host:port}
 * @param isForOnce the slot is not there yet, but what was asked for is
 */
record Redirect(String server, boolean isForOnce) {
    /** Of a batch's failure the first one. */
    static @Nullable Redirect of(Throwable cause) {
        return ServerLink.errors(cause)
                .filter(error -> error.startsWith("MOVED ") || error.startsWith("ASK "))
                .map(error -> error.split(" ", 3))
                .map(words -> new Redirect(words[2], words[0].equals("ASK")))
                .findFirst()
                .orElse(null);
    }
}
