package dev.herald.presence.registry;

import java.time.Duration;

/**
 * How long an offline is held for a return.
 *
 * @param hold after the last session of a device went
 * @param longest after the first going of a device that comes and goes
 */
public record Grace(Duration hold, Duration longest) {
    public static final Grace NONE = new Grace(Duration.ZERO, Duration.ZERO);
}
