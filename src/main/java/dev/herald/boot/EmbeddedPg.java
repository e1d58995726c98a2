package dev.herald.boot;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** A PostgreSQL of our own on loopback, with its data in the data folder. */
record EmbeddedPg(EmbeddedPostgres server, PidFile pid) {
    private static final Duration START = Duration.ofSeconds(60);

    /** The library is made for tests and turns durability off: here what was committed must survive a power cut. */
    private static final Map<String, String> DURABLE =
            Map.of("fsync", "on", "full_page_writes", "on", "synchronous_commit", "on");

    private static final Map<String, String> MODEST = Map.of(
            "max_connections", "100",
            "shared_buffers", "128MB",
            "jit", "off",
            "max_parallel_workers_per_gather", "0");

    private static final Map<String, String> PRIVATE = Map.of(
            "listen_addresses", "127.0.0.1",
            "unix_socket_directories", "",
            "logging_collector", "on",
            "log_directory", "log",
            "log_filename", "postgresql-%a.log",
            "log_truncate_on_rotation", "on");

    static EmbeddedPg start(DataFolder folder) throws IOException {
        EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder()
                .setOverrideWorkingDirectory(folder.programs().toFile())
                .setDataDirectory(folder.postgres())
                .setCleanDataDirectory(false)
                .setRegisterShutdownHook(false)
                .setPort(FreePort.find())
                .setPGStartupWait(START)
                .setOutputRedirector(
                        Redirect.appendTo(folder.root().resolve("postgres.log").toFile()));
        DURABLE.forEach(builder::setServerConfig);
        MODEST.forEach(builder::setServerConfig);
        PRIVATE.forEach(builder::setServerConfig);
        setAsideUnfinished(folder);
        EmbeddedPg postgres = new EmbeddedPg(builder.start(), folder.postgresPid());
        markFinished(folder);
        return postgres;
    }

    String url() {
        return "postgresql://postgres@127.0.0.1:%d/postgres".formatted(server.getPort());
    }

    /** The library gives up after five seconds; a busy server may need more. */
    void stop() throws IOException, InterruptedException {
        server.close();
        pid.stopServer();
    }

    /** A first start that was killed leaves programs and a database that are not whole and never were in use. */
    private static void setAsideUnfinished(DataFolder folder) throws IOException {
        if (Files.exists(finished(folder))) {
            return;
        }
        for (Path part : List.of(folder.programs(), folder.postgres())) {
            if (Files.exists(part)) {
                Files.move(part, part.resolveSibling(part.getFileName() + ".unfinished-" + System.currentTimeMillis()));
            }
        }
    }

    private static void markFinished(DataFolder folder) throws IOException {
        if (!Files.exists(finished(folder))) {
            Files.createFile(finished(folder));
        }
    }

    private static Path finished(DataFolder folder) {
        return folder.root().resolve("postgres.finished");
    }
}
