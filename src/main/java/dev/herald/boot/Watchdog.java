package dev.herald.boot;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/** A shell that stops the embedded servers if this process dies without having done so. */
record Watchdog(Process shell) {

    static Watchdog start(DataFolder folder) throws IOException {
        Process shell = new ProcessBuilder(
                        "sh",
                        "-c",
                        script(),
                        "herald-watchdog",
                        folder.lockFile().toString(),
                        folder.owner(),
                        folder.postgresPid().path().toString(),
                        folder.redisPid().path().toString())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        return new Watchdog(shell);
    }

    /** It is not needed any more: the servers were stopped in order. It ignores gentler signals. */
    void stop() throws InterruptedException {
        shell.destroyForcibly().waitFor();
    }

    private static String script() throws IOException {
        try (InputStream in = Objects.requireNonNull(Watchdog.class.getResourceAsStream("/boot/watchdog.sh"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
