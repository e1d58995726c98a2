package dev.herald.device;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/**
 * All that decides whether a client may connect.
 *
 * @param device null if no token was ever stored for it
 * @param banned true if the person channel of the user carries the flag {@code ban}
 * @param quitAt when the device was last told to quit; null if never
 */
public record Standing(
        @Nullable Device device, boolean banned, @Nullable Instant quitAt) {

    /** True if the client has shown the token of this device. */
    public boolean proves(String token) {
        return device != null && device.token().matches(token);
    }

    /**
     * True if a token of that time is still good. It has seconds only: one that is issued in the second of the quit may
     * have been issued after it, and is believed.
     */
    public boolean admits(Instant issuedAt) {
        return quitAt == null || !issuedAt.isBefore(quitAt.truncatedTo(ChronoUnit.SECONDS));
    }

    public boolean isMaster() {
        return device != null && device.isMaster();
    }
}
