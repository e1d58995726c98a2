package dev.herald.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Runs {@code src/test/js}: the unmodified npm package wukongimjssdk 1.0.4 in Node against the packaged Herald. */
class JsSdkIT {
    private static final String JWT_SECRET = "a secret of at least thirty-two bytes";
    private static final Path SCRIPTS = Path.of("src/test/js").toAbsolutePath();

    @TempDir
    private Path folder;

    @Test
    @Timeout(300)
    void the_unmodified_javascript_sdk_gets_its_messages_and_commands() throws Exception {
        if (!Files.exists(SCRIPTS.resolve("node_modules/wukongimjssdk"))) {
            run(Map.of(), "npm", "ci", "--no-audit", "--no-fund");
        }
        Map<String, String> settings = Map.of(
                "HERALD_POSTGRES_URL",
                Stores.freshPostgresApart(),
                "HERALD_REDIS_URL",
                Stores.freshRedis(),
                "HERALD_CLIENT_AUTH",
                "jwt",
                "HERALD_CLIENT_JWT_SECRET",
                JWT_SECRET);
        try (HeraldProcess herald = HeraldProcess.start(folder, settings)) {
            run(
                    Map.of("HERALD_HTTP", herald.http(), "HERALD_WS", herald.ws(), "HERALD_JWT_SECRET", JWT_SECRET),
                    "npm",
                    "test");
        }
    }

    private void run(Map<String, String> environment, String... command) throws IOException, InterruptedException {
        Path output = folder.resolve("node.log");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(SCRIPTS.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().putAll(environment);
        Process process = builder.start();
        boolean ended = process.waitFor(240, TimeUnit.SECONDS);
        process.destroyForcibly();
        assertThat(ended && process.exitValue() == 0)
                .withFailMessage(() -> String.join(" ", command) + " failed:\n" + read(output))
                .isTrue();
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }
}
