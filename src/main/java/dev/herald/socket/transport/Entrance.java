package dev.herald.socket.transport;

import java.time.Duration;
import java.util.Optional;

/** Whoever lets connections in. */
public interface Entrance {
    /** Empty if there is a place, which is then either {@link #enter}ed or {@link #leave}d. */
    Optional<Later> reserve();

    void enter(Transport transport);

    void leave();

    /**
     * When to come back.
     *
     * @param reason of the refusal, as operators count it
     */
    record Later(String reason, Duration in) {
        /** At least 1. */
        public long seconds() {
            return Math.max(1, in.plusMillis(999).toSeconds());
        }

        public String text() {
            return reason + ", come back in " + seconds() + " s";
        }
    }
}
