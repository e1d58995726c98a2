package dev.herald.device;

import org.jspecify.annotations.Nullable;

/**
 * All that decides whether a client may connect.
 *
 * @param device null if no token was ever stored for it
 * @param banned true if the person channel of the user carries the flag {@code ban}
 */
public record Standing(@Nullable Device device, boolean banned) {

    /** True if the client has shown the token of this device. */
    public boolean proves(String token) {
        return device != null && device.token().matches(token);
    }

    public boolean isMaster() {
        return device != null && device.isMaster();
    }
}
