package dev.herald.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.herald.boot.StoreProcess.Recipe;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

@Timeout(60)
class StoreProcessIT {
    private static final Duration SHORT = Duration.ofSeconds(40);
    private static final Duration LONGER_THAN_A_REVIVAL = Duration.ofMillis(1500);

    private final Logger logger = (Logger) LoggerFactory.getLogger(StoreProcess.class);
    private final ListAppender<ILoggingEvent> logged = new ListAppender<>();

    @TempDir
    Path folder;

    private PidFile pid;

    @BeforeEach
    void listen() {
        pid = new PidFile("Sleeper", folder.resolve("pid"), "sleep", "TERM");
        logged.start();
        logger.addAppender(logged);
    }

    @AfterEach
    void listenNoMore() {
        logger.detachAppender(logged);
    }

    @Test
    void comes_back_at_once_after_a_kill_and_says_so_in_two_lines() throws Exception {
        StoreProcess store = StoreProcess.start(sleeper());
        try {
            long killed = ServerPids.kill(pid.path());

            await().atMost(SHORT).until(() -> logged.list.size() == 2);
            assertThat(logged.list)
                    .extracting(ILoggingEvent::getLevel, ILoggingEvent::getFormattedMessage)
                    .containsExactly(
                            tuple(
                                    Level.WARN,
                                    "embedded Sleeper: process %d ended with code 137, it is started again in 0 ms"
                                            .formatted(killed)),
                            tuple(Level.INFO, "embedded Sleeper: is back as process " + ServerPids.read(pid.path())));
        } finally {
            store.stop();
        }
    }

    @Test
    void waits_longer_each_time_it_ends_soon() throws Exception {
        StoreProcess store = StoreProcess.start(sleeper());
        try {
            for (int kill = 1; kill <= 3; kill++) {
                int lines = 2 * kill;
                ServerPids.kill(pid.path());
                await().atMost(SHORT).until(() -> logged.list.size() == lines);
            }

            assertThat(logged.list.stream()
                            .filter(line -> line.getLevel() == Level.WARN)
                            .map(line -> line.getFormattedMessage().replaceAll(".* in (\\d+) ms", "$1"))
                            .map(Integer::valueOf))
                    .satisfiesExactly(
                            first -> assertThat(first).isZero(),
                            second -> assertThat(second).isBetween(500, 1000),
                            third -> assertThat(third).isBetween(1000, 2000));
        } finally {
            store.stop();
        }
    }

    @Test
    void stays_down_once_it_was_stopped() throws Exception {
        StoreProcess store = StoreProcess.start(sleeper());
        long process = ServerPids.read(pid.path());

        store.stop();

        assertThat(ProcessHandle.of(process).filter(ProcessHandle::isAlive)).isEmpty();
        assertThat(pid.path()).doesNotExist();
        await().during(LONGER_THAN_A_REVIVAL).atMost(SHORT).until(() -> Files.notExists(pid.path()));
        assertThat(logged.list).isEmpty();
    }

    @Test
    void stays_down_when_stopped_while_it_waits_to_be_started_again() throws Exception {
        StoreProcess store = StoreProcess.start(sleeper());
        for (int lines : List.of(2, 3)) {
            ServerPids.kill(pid.path());
            await().atMost(SHORT).until(() -> logged.list.size() == lines);
        }

        store.stop();

        await().during(LONGER_THAN_A_REVIVAL).atMost(SHORT).until(() -> Files.notExists(pid.path()));
        assertThat(logged.list).hasSize(3);
    }

    @Test
    void a_first_start_that_ends_is_told_and_not_repeated() {
        Recipe recipe = new Recipe(pid, List.of("sh", "-c", "exit 3"), Redirect.DISCARD, process -> false);

        assertThatThrownBy(() -> StoreProcess.start(recipe))
                .isInstanceOf(StartException.class)
                .hasMessageStartingWith("it ended with code 3");
        assertThat(logged.list).isEmpty();
    }

    private Recipe sleeper() {
        String script = "echo $$ > '%s'; exec sleep 60".formatted(pid.path());
        return new Recipe(pid, List.of("sh", "-c", script), Redirect.DISCARD, this::isUp);
    }

    private boolean isUp(Process process) {
        try {
            return Files.exists(pid.path())
                    && Files.readString(pid.path()).strip().equals(Long.toString(process.pid()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
