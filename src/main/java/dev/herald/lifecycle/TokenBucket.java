package dev.herald.lifecycle;

/** Lets through what comes at a steady rate, and after a rest a burst of some seconds' worth of it. */
public final class TokenBucket {
    /** How many seconds of the rate may come at once. */
    public static final int BURST_SECONDS = 4;

    private static final long MILLIS_PER_SECOND = 1_000;

    private final int perSecond;
    private final long full;
    private long thousandths;
    private long filledAt;

    /**
     * @param perSecond 0 lets everything through
     * @param now milliseconds of a clock that never steps
     */
    public TokenBucket(int perSecond, long now) {
        this.perSecond = perSecond;
        this.full = (long) perSecond * BURST_SECONDS * MILLIS_PER_SECOND;
        this.thousandths = full;
        this.filledAt = now;
    }

    /** False if it is too much now. */
    public boolean take(long now) {
        if (perSecond == 0) {
            return true;
        }
        thousandths = Math.min(full, thousandths + Math.max(0, now - filledAt) * perSecond);
        filledAt = now;
        if (thousandths < MILLIS_PER_SECOND) {
            return false;
        }
        thousandths -= MILLIS_PER_SECOND;
        return true;
    }
}
