package dev.herald.webhook.retry;

import dev.herald.webhook.post.Outcome;
import dev.herald.webhook.post.Outcome.Kind;
import java.time.Duration;
import java.util.random.RandomGenerator;

/** What an endpoint can take, as its answers tell: whether it lives, and how much at once. Times as in {@link Breaker}. */
public final class Pace {
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(60);

    private final Breaker breaker;
    private final Throttle throttle;
    private long lastSuccess;
    private boolean succeeded;

    public Pace(int concurrency, Duration firstPause, RandomGenerator random) {
        this.breaker = new Breaker(firstPause, LONGEST_PAUSE, random);
        this.throttle = new Throttle(concurrency);
    }

    public Breaker.State state(long now) {
        return breaker.state(now);
    }

    public int room(int underWay, long now) {
        return Math.min(breaker.room(now), throttle.room(underWay, now));
    }

    public Duration opensIn(long now) {
        return Duration.ofNanos(Math.max(breaker.opensIn(now), throttle.opensIn(now)));
    }

    /** True for the one request that tries whether the endpoint is back; to be said again at its end. */
    public boolean begin() {
        return breaker.begin();
    }

    /**
     * True if the endpoint is back, or takes something for the first time here: it may have failed elsewhere before.
     *
     * @param ofOneKey true for what goes its own way: that it comes too soon is not said of all others
     */
    public boolean ended(Outcome outcome, boolean probe, boolean ofOneKey, long now) {
        long asked = RetrySchedule.bounded(outcome.retryAfter()).toNanos();
        if (outcome.kind() == Kind.THROTTLED && !ofOneKey) {
            throttle.throttled(asked, now);
        }
        boolean alive = outcome.kind() != Kind.FAILED && !outcome.isGatewayError();
        if (!alive) {
            breaker.failed(probe, asked, now);
        }
        boolean first = outcome.delivered() && !succeeded;
        if (outcome.delivered()) {
            throttle.succeeded();
            lastSuccess = now;
            succeeded = true;
        }
        return (alive && breaker.succeeded()) || first;
    }

    public void abandoned(boolean probe) {
        breaker.abandoned(probe);
    }

    /** True if something was delivered later than then. */
    public boolean deliveredSince(long nanos) {
        return succeeded && lastSuccess - nanos > 0;
    }
}
