package dev.herald.model;

import java.time.Instant;

/** Whether what its sender gave an end is over, and so delivered no more. */
public final class Expiry {
    /** By how much the clocks of PostgreSQL and of a node may differ: nothing ends before its time. */
    public static final long CLOCK_SKEW_SECONDS = 2;

    /** Longest end of a message or command, in seconds from when it is stored: what the wire carries. */
    public static final long MAX_SECONDS = 0xffff_ffffL;

    private Expiry() {}

    /**
     * @param sinceSeconds when it was stored, seconds since 1970
     * @param expireSeconds 0 for no end
     */
    public static boolean isOver(long sinceSeconds, long expireSeconds) {
        return expireSeconds > 0
                && sinceSeconds + expireSeconds + CLOCK_SKEW_SECONDS
                        < Instant.now().getEpochSecond();
    }
}
