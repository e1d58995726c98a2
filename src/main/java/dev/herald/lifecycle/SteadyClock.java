package dev.herald.lifecycle;

/** A clock that never steps, as the time of day may; what it shows means something only within this process. */
public final class SteadyClock {
    private SteadyClock() {}

    public static long millis() {
        return System.nanoTime() / 1_000_000;
    }
}
