package dev.herald.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

@Timeout(240)
class ProcessIT {
    private static final Duration WATCHDOG = Duration.ofSeconds(40);

    /** An orphan that has ended still counts as a process until the system has taken note. */
    private static final Duration LAST_STEPS = Duration.ofSeconds(20);

    /** Shared: only the first start has to unpack and initialise the servers. */
    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    static Path folder;

    private final List<Standalone> launched = new ArrayList<>();
    private Path data;

    @BeforeEach
    void nameTheData() {
        data = folder.resolve("data");
    }

    @AfterEach
    void leaveNothingRunning() {
        launched.forEach(Standalone::stopAndWait);
    }

    @Test
    void data_survives_a_kill_and_no_server_does() throws Exception {
        Standalone first = launch(data).awaitReady();
        write(first, "survivor");
        List<ProcessHandle> children = first.children();
        // PostgreSQL's own come and go.
        assertThat(children.stream().filter(ProcessHandle::isAlive)).hasSizeGreaterThanOrEqualTo(2);

        first.killAndWait();

        await().atMost(WATCHDOG).until(() -> children.stream().noneMatch(ProcessHandle::isAlive));
        assertThat(read(launch(data).awaitReady())).contains("survivor");
    }

    @Test
    void starts_again_at_once_after_a_kill() throws Exception {
        Standalone first = launch(data).awaitReady();
        write(first, "at-once");

        first.killAndWait();

        assertThat(read(launch(data).awaitReady())).contains("at-once");
    }

    @Test
    void a_kill_during_the_very_first_start_spoils_nothing() throws Exception {
        Path fresh = folder.resolve("fresh");
        Standalone first = launch(fresh);
        await().atMost(WATCHDOG).until(() -> Files.exists(fresh.resolve("bin")));

        first.killAndWait();

        Standalone second = launch(fresh).awaitReady();
        write(second, "fresh");
        assertThat(read(second)).contains("fresh");
    }

    @Test
    void a_request_to_end_is_orderly_and_ends_with_code_zero() throws Exception {
        Standalone herald = launch(data).awaitReady();
        List<ProcessHandle> children = herald.children();

        assertThat(herald.stopAndWait()).isZero();

        await().atMost(LAST_STEPS).until(() -> children.stream().noneMatch(ProcessHandle::isAlive));
        assertThat(herald.output()).endsWith("Launch stopped" + System.lineSeparator());
    }

    @Test
    void a_request_to_end_during_the_start_leaves_nothing_behind() throws Exception {
        Standalone herald = launch(data);
        await().atMost(WATCHDOG).until(() -> herald.process().descendants().anyMatch(ProcessIT::isOfPostgres));

        assertThat(herald.stopAndWait()).isZero();

        assertThat(herald.output()).doesNotContain("ERROR");
        assertThat(data.resolve("postgres/postmaster.pid")).doesNotExist();
        assertThat(data.resolve("redis/redis.pid")).doesNotExist();
    }

    @Test
    void a_kill_right_after_a_store_was_started_again_leaves_no_server() throws Exception {
        Standalone herald = launch(data).awaitReady();
        killStores();
        await().atMost(WATCHDOG).until(() -> count(herald, "is back as process") == 2);
        List<ProcessHandle> children = herald.children();
        assertThat(children).hasSizeGreaterThanOrEqualTo(2).allMatch(ProcessHandle::isAlive);

        herald.killAndWait();

        await().atMost(WATCHDOG).until(() -> children.stream().noneMatch(ProcessHandle::isAlive));
    }

    @Test
    void a_request_to_end_while_the_stores_are_down_is_orderly() throws Exception {
        Standalone herald = launch(data).awaitReady();
        killStores();
        await().atMost(WATCHDOG).until(() -> count(herald, "is back as process") == 2);
        killStores();
        await().atMost(WATCHDOG).until(() -> count(herald, "ended with code 137") == 4);

        assertThat(herald.stopAndWait()).isZero();

        assertThat(herald.output()).endsWith("Launch stopped" + System.lineSeparator());
        assertThat(data.resolve("postgres/postmaster.pid")).doesNotExist();
        assertThat(data.resolve("redis/redis.pid")).doesNotExist();
    }

    @Test
    void ends_with_its_parent_if_asked_to() throws Exception {
        Standalone shell = Standalone.launchUnderShell(data);
        launched.add(shell);
        List<ProcessHandle> children = shell.awaitReady().children();

        shell.stopAndWait();

        await().atMost(WATCHDOG).until(() -> children.stream().noneMatch(ProcessHandle::isAlive));
        assertThat(shell.output()).contains("Launch stopped");
    }

    @Test
    void a_second_herald_on_the_same_data_says_so_and_ends_with_code_one() throws Exception {
        Standalone first = launch(data).awaitReady();

        Standalone second = launch(data);

        assertThat(second.process().onExit().join().exitValue()).isEqualTo(1);
        assertThat(second.output())
                .contains("is in use by another Herald (process "
                        + first.process().pid());
        assertThat(first.redis("PING")).startsWith("+PONG");
    }

    @Test
    void the_embedded_postgres_is_durable_and_on_loopback_only() throws Exception {
        Standalone herald = launch(data).awaitReady();

        try (Connection connection = herald.postgres();
                Statement statement = connection.createStatement()) {
            assertThat(show(statement, "fsync")).isEqualTo("on");
            assertThat(show(statement, "synchronous_commit")).isEqualTo("on");
            assertThat(show(statement, "full_page_writes")).isEqualTo("on");
            assertThat(show(statement, "listen_addresses")).isEqualTo("127.0.0.1");
        }
    }

    private void killStores() {
        ServerPids.kill(data.resolve("redis/redis.pid"));
        ServerPids.kill(data.resolve("postgres/postmaster.pid"));
    }

    private static boolean isOfPostgres(ProcessHandle process) {
        return process.info().command().orElse("").matches(".*/(initdb|postgres)");
    }

    private static int count(Standalone herald, String words) {
        return herald.output().split(words, -1).length - 1;
    }

    private Standalone launch(Path where) throws IOException {
        Standalone herald = Standalone.launch(where);
        launched.add(herald);
        return herald;
    }

    private static void write(Standalone herald, String text) throws IOException, SQLException {
        try (Connection connection = herald.postgres();
                Statement statement = connection.createStatement()) {
            statement.execute("create table if not exists kept (text text)");
            statement.execute("insert into kept values ('" + text + "')");
        }
        assertThat(herald.redis("SET kept " + text)).startsWith("+OK");
    }

    /** What both stores have kept; it differs between them only if one has lost something. */
    private static List<String> read(Standalone herald) throws IOException, SQLException {
        List<String> kept = new ArrayList<>();
        try (Connection connection = herald.postgres();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("select text from kept")) {
            while (rows.next()) {
                kept.add(rows.getString(1));
            }
        }
        assertThat(herald.redis("GET kept").lines()).contains(kept.getLast());
        return kept;
    }

    private static String show(Statement statement, String setting) throws SQLException {
        try (ResultSet rows = statement.executeQuery("show " + setting)) {
            rows.next();
            return rows.getString(1);
        }
    }
}
