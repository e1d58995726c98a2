package dev.herald.boot;

import dev.herald.boot.StoreProcess.Recipe;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A PostgreSQL of our own on loopback, with its data in the data folder. */
record EmbeddedPg(StoreProcess process, int port) {
    private static final Map<String, String> MODEST = Map.of(
            "max_connections", "100",
            "shared_buffers", "128MB",
            "jit", "off",
            "max_parallel_workers_per_gather", "0");

    private static final Map<String, String> PRIVATE = Map.of(
            "listen_addresses", "127.0.0.1",
            "unix_socket_directories", "",
            "timezone", "UTC",
            "logging_collector", "on",
            "log_directory", "log",
            "log_filename", "postgresql-%a.log",
            "log_truncate_on_rotation", "on");

    /** The lines of {@code postmaster.pid}: the first is the process, the eighth how far it has come. */
    private static final int STATUS_LINE = 7;

    /** Unpacks the programs and makes an empty database, unless an earlier start has. */
    static PgPrograms prepare(DataFolder folder) throws IOException, InterruptedException {
        PgPrograms programs = PgPrograms.unpacked(folder.programs());
        if (!Files.exists(folder.postgres().resolve("postgresql.conf"))) {
            List<String> command = new ArrayList<>(programs.command("initdb"));
            command.addAll(List.of("-D", folder.postgres().toString(), "-U", "postgres", "-A", "trust", "-E", "UTF-8"));
            // Written to the disk later, by settle; and never cleaned away, which would be another Herald's by then.
            command.addAll(List.of("--no-sync", "--no-clean", "--no-instructions"));
            Program.run(command, log(folder));
        }
        return programs;
    }

    static EmbeddedPg start(DataFolder folder, PgPrograms programs) throws IOException, InterruptedException {
        int port = Ports.free();
        List<String> command = new ArrayList<>(programs.command("postgres"));
        command.addAll(List.of("-D", folder.postgres().toString(), "-p", Integer.toString(port)));
        MODEST.forEach((key, value) -> command.addAll(List.of("-c", key + "=" + value)));
        PRIVATE.forEach((key, value) -> command.addAll(List.of("-c", key + "=" + value)));
        Recipe recipe = new Recipe(
                folder.postgresPid(),
                command,
                Redirect.appendTo(log(folder).toFile()),
                process -> answers(folder.postgresPid().path(), process));
        return new EmbeddedPg(StoreProcess.start(recipe), port);
    }

    /** What the first start has made is on the disk after this, and kept from then on. */
    static DataFolder settle(DataFolder folder, PgPrograms programs) throws IOException, InterruptedException {
        if (!folder.isFinished()) {
            List<String> command = new ArrayList<>(programs.command("initdb"));
            command.addAll(List.of("--sync-only", "-D", folder.postgres().toString()));
            Program.run(command, log(folder));
            folder.markFinished();
        }
        return folder;
    }

    String url() {
        return "postgresql://postgres@127.0.0.1:%d/postgres".formatted(port);
    }

    void stop() throws IOException, InterruptedException {
        process.stop();
    }

    private static boolean answers(Path pidFile, Process process) {
        try {
            List<String> lines = Files.readAllLines(pidFile);
            return lines.size() > STATUS_LINE
                    && lines.getFirst().equals(Long.toString(process.pid()))
                    && lines.get(STATUS_LINE).strip().equals("ready");
        } catch (IOException e) {
            return false;
        }
    }

    private static Path log(DataFolder folder) {
        return folder.root().resolve("postgres.log");
    }
}
