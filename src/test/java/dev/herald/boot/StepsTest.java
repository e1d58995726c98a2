package dev.herald.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

@Isolated("its deadlines are short")
class StepsTest {
    private static final Duration LONG = Duration.ofSeconds(10);

    private final Steps steps = new Steps();
    private final ConcurrentLinkedQueue<String> undone = new ConcurrentLinkedQueue<>();

    @Test
    void undoes_in_reverse_what_was_done() {
        assertThat(steps.run("one", LONG, () -> "1", undone::add)).isEqualTo("1");
        steps.run("two", LONG, () -> "2", undone::add);

        assertThat(steps.undo(LONG)).isTrue();
        assertThat(undone).containsExactly("2", "1");
    }

    @Test
    void undoes_the_others_when_one_cannot_be_undone() {
        steps.run("one", LONG, () -> "1", undone::add);
        steps.run("two", LONG, () -> "2", made -> {
            throw new IllegalStateException("stuck");
        });

        assertThat(steps.undo(LONG)).isFalse();
        assertThat(undone).containsExactly("1");
    }

    @Test
    void one_that_hangs_leaves_the_others_half_of_the_time() {
        CountDownLatch never = new CountDownLatch(1);
        steps.run("one", LONG, () -> "1", undone::add);
        steps.run("two", LONG, () -> "2", made -> never.await());
        assertThat(steps.undo(Duration.ofMillis(200))).isFalse();
        assertThat(undone).containsExactly("1");
    }

    @Test
    void names_the_step_that_failed() {
        assertThatThrownBy(() -> steps.run("stores", LONG, () -> {
                    throw new IllegalStateException("no disk");
                }))
                .isInstanceOf(StartException.class)
                .hasMessage("stores: no disk");
    }

    @Test
    void gives_up_a_step_that_takes_too_long() {
        CountDownLatch never = new CountDownLatch(1);

        assertThatThrownBy(() -> steps.run("stores", Duration.ofMillis(20), () -> {
                    never.await();
                    return "";
                }))
                .isInstanceOf(StartException.class)
                .hasMessage("stores: not done after PT0.02S");
    }

    @Test
    void a_step_fails_as_the_work_fails_that_was_begun_ahead() {
        Callable<String> ahead = steps.ahead("unpack", () -> {
            throw new IllegalStateException("no disk");
        });

        assertThatThrownBy(() -> steps.run("stores", LONG, ahead))
                .isInstanceOf(StartException.class)
                .hasMessage("stores: no disk");
    }

    @Test
    void undoing_interrupts_what_was_begun_ahead() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch interrupted = new CountDownLatch(1);
        steps.ahead("unpack", () -> {
            begun.countDown();
            try {
                return new CountDownLatch(1).await(1, TimeUnit.MINUTES);
            } catch (InterruptedException e) {
                interrupted.countDown();
                throw e;
            }
        });
        begun.await();

        assertThat(steps.undo(LONG)).isTrue();
        assertThat(interrupted.await(LONG.toSeconds(), TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void waits_for_a_store_that_does_not_answer_yet() {
        AtomicInteger tries = new AtomicInteger();

        String made = steps.runOnStores(
                "stores",
                LONG,
                LONG,
                () -> {
                    if (tries.incrementAndGet() < 2) {
                        throw new HeraldException(Failure.UNAVAILABLE, "Redis cannot be reached");
                    }
                    return "made";
                },
                undone::add);

        assertThat(made).isEqualTo("made");
        assertThat(steps.undo(LONG)).isTrue();
        assertThat(undone).containsExactly("made");
    }

    @Test
    void waits_for_no_store_longer_than_it_may_and_says_for_which() {
        assertThatThrownBy(() -> steps.runOnStores("stores", Duration.ofMillis(1), LONG, StepsTest::away, it -> {}))
                .isInstanceOf(StartException.class)
                .hasMessage("stores: Redis cannot be reached");
    }

    @Test
    void does_not_wait_for_what_will_never_be() {
        AtomicInteger tries = new AtomicInteger();
        assertThatThrownBy(() -> steps.runOnStores(
                        "stores",
                        LONG,
                        LONG,
                        () -> {
                            tries.incrementAndGet();
                            throw HeraldException.invalid("postgres.url", "wrong password");
                        },
                        it -> {}))
                .hasMessage("stores: postgres.url: wrong password");
        assertThat(tries).hasValue(1);
    }

    @Test
    void a_request_to_stop_ends_the_wait_for_a_store() {
        assertThatThrownBy(() -> steps.runOnStores(
                        "stores",
                        Duration.ofHours(1),
                        LONG,
                        () -> {
                            steps.refuse();
                            return away();
                        },
                        it -> {}))
                .hasMessage("stopped before the step: stores");
    }

    @Test
    void begins_nothing_once_it_refuses() {
        steps.refuse();

        assertThatThrownBy(() -> steps.run("late", LONG, () -> undone.add("ran")))
                .hasMessage("stopped before the step: late");
        assertThat(List.copyOf(undone)).isEmpty();
    }

    private static String away() {
        throw new HeraldException(Failure.UNAVAILABLE, "Redis cannot be reached");
    }
}
