package dev.herald.messaging;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.herald.bus.message.MessagingMessage.SendMessage;
import dev.herald.lifecycle.TokenBucket;
import io.micrometer.core.instrument.Counter;
import java.time.Duration;
import java.util.function.LongSupplier;

/** How much each user may send over all connections to this node; back ends are not counted. */
final class UserRates {
    private static final long MAX_USERS = 200_000;

    private final int perSecond;
    private final LongSupplier clock;
    private final Counter limited;

    /** A bucket that nobody took from for so long is full again. */
    private final Cache<String, TokenBucket> buckets = Caffeine.newBuilder()
            .maximumSize(MAX_USERS)
            .expireAfterAccess(Duration.ofSeconds(TokenBucket.BURST_SECONDS))
            .build();

    /**
     * @param perSecond 0 for no limit
     * @param clock milliseconds that never step
     */
    UserRates(int perSecond, LongSupplier clock, Counter limited) {
        this.perSecond = perSecond;
        this.clock = clock;
        this.limited = limited;
    }

    boolean admit(SendMessage message) {
        if (perSecond == 0 || message.trusted()) {
            return true;
        }
        long now = clock.getAsLong();
        boolean admitted = buckets.get(message.fromUid(), uid -> new TokenBucket(perSecond, now))
                .take(now);
        if (!admitted) {
            limited.increment();
        }
        return admitted;
    }
}
