package dev.herald.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SharedRateTest {
    private static final long START = -5_000;
    private static final long SECOND = 1_000_000_000L;

    @Test
    void lets_a_seconds_worth_through_at_once_and_then_the_rate() {
        SharedRate rate = new SharedRate(100, START);
        assertThat(takes(rate, START, 1_000)).isEqualTo(100);
        assertThat(takes(rate, START + SECOND / 2, 1_000)).isEqualTo(50);
        assertThat(takes(rate, START + 60 * SECOND, 1_000)).isEqualTo(100);
    }

    @Test
    void lets_everything_through_at_a_rate_of_0() {
        assertThat(takes(new SharedRate(0, START), START, 1_000)).isEqualTo(1_000);
    }

    @Test
    void gives_those_it_refuses_turns_at_its_rate() {
        SharedRate rate = new SharedRate(10, START);
        assertThat(IntStream.range(0, 20).mapToObj(i -> rate.turn(START)))
                .isSorted()
                .startsWith(Duration.ofMillis(100))
                .endsWith(Duration.ofSeconds(2));
        assertThat(rate.turn(START + SECOND)).isEqualTo(Duration.ofMillis(1_100));
        IntStream.range(0, 1_000).forEach(i -> rate.turn(START + SECOND));
        assertThat(rate.turn(START + SECOND)).isEqualTo(SharedRate.LAST_TURN);
    }

    private static long takes(SharedRate rate, long now, int tries) {
        return IntStream.range(0, tries).filter(i -> rate.take(now)).count();
    }
}
