package dev.herald.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.stream.LongStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class TokenBucketTest {

    @Test
    void gives_a_burst_and_then_its_rate() {
        TokenBucket bucket = new TokenBucket(10, 5_000);

        assertThat(takes(bucket, 5_000, 100)).isEqualTo(40);
        assertThat(takes(bucket, 5_099, 100)).isZero();
        assertThat(takes(bucket, 5_100, 100)).isEqualTo(1);
        assertThat(takes(bucket, 6_100, 100)).isEqualTo(10);
        assertThat(takes(bucket, 1_000_000, 100)).isEqualTo(40);
    }

    @Test
    void gives_everything_at_rate_0() {
        assertThat(takes(new TokenBucket(0, 0), 0, 1_000)).isEqualTo(1_000);
    }

    @Property(tries = 200)
    void never_gives_more_than_burst_and_rate_however_it_is_asked(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 10_000) int rate) {
        Random random = new Random(seed);
        TokenBucket bucket = new TokenBucket(rate, 0);
        long now = 0;
        long given = 0;
        for (int i = 0; i < 500; i++) {
            now += random.nextInt(50);
            given += takes(bucket, now, random.nextInt(200));
        }

        assertThat(given).isLessThanOrEqualTo((long) rate * TokenBucket.BURST_SECONDS + now * rate / 1_000 + 1);
    }

    private static long takes(TokenBucket bucket, long now, int times) {
        return LongStream.range(0, times).filter(i -> bucket.take(now)).count();
    }
}
