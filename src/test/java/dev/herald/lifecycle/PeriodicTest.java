package dev.herald.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;

@Timeout(30)
class PeriodicTest {
    private static final Duration SHORT = Duration.ofMillis(5);

    private final Vertx vertx = Vertx.vertx();
    private final AtomicInteger runs = new AtomicInteger();

    @AfterEach
    void close() {
        vertx.close().await();
    }

    @Test
    void a_task_that_fails_is_run_again_and_logged_once_until_it_succeeds() {
        List<String> logged = new CopyOnWriteArrayList<>();
        ListAppender<ILoggingEvent> appender = new ListAppender<>() {
            @Override
            protected void append(ILoggingEvent event) {
                if (event.getKeyValuePairs().getFirst().value.equals("broken")) {
                    logged.add(event.getLevel() + " " + event.getFormattedMessage());
                }
            }
        };
        Logger logger = (Logger) LoggerFactory.getLogger(Periodic.class);
        appender.start();
        logger.addAppender(appender);
        try {
            Periodic.start(
                    vertx,
                    "broken",
                    SHORT,
                    () -> runs.incrementAndGet() < 20 ? Future.failedFuture("not now") : Future.succeededFuture());
            await().until(() -> logged.size() == 2);
        } finally {
            logger.detachAppender(appender);
        }
        assertThat(logged).containsExactly("WARN failed, it is tried again", "INFO succeeds again");
        assertThat(runs).hasValueGreaterThanOrEqualTo(20);
    }

    @Test
    void one_that_throws_is_run_again() {
        Periodic.start(vertx, "thrower", SHORT, () -> {
            runs.incrementAndGet();
            throw new IllegalStateException("thrown");
        });
        await().until(() -> runs.get() > 3);
    }

    @Test
    void one_that_finds_nothing_rests_until_it_is_nudged_or_finds_something() {
        List<Long> at = new CopyOnWriteArrayList<>();
        AtomicBoolean found = new AtomicBoolean();
        Periodic sweep = Periodic.startResting(vertx, "sweep", Duration.ofMillis(100), () -> {
            at.add(System.nanoTime());
            return Future.succeededFuture(found.get());
        });
        await().until(() -> at.size() == 6);
        assertThat(at.getLast() - at.getFirst())
                .isGreaterThan(Duration.ofMillis(1_700).toNanos());
        found.set(true);
        vertx.runOnContext(now -> sweep.nudge());
        long nudged = System.nanoTime();
        await().until(() -> at.size() >= 18);
        assertThat(at.get(17) - nudged).isLessThan(Duration.ofSeconds(5).toNanos());
    }

    @ParameterizedTest
    @CsvSource({"PT0.1S,4", "PT1S,4", "PT2S,1", "PT5S,0", "PT1H,0"})
    void rests_for_five_intervals_or_five_seconds_at_most(Duration interval, long rests) {
        assertThat(Periodic.mostRests(interval)).isEqualTo(rests);
    }
}
