package dev.herald.boot;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.util.List;

/** A program that does one thing and ends. */
final class Program {
    private Program() {}

    /**
     * Waits for its end; if that wait is interrupted, it is killed.
     *
     * @param output gains what it says
     * @throws StartException if it ends with another code than 0
     */
    static void run(List<String> command, Path output) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(Redirect.appendTo(output.toFile()));
        // Spares initdb the search for the machine's time zone among all there are.
        builder.environment().put("TZ", "UTC");
        Process process = builder.start();
        try {
            int code = process.waitFor();
            if (code != 0) {
                throw new StartException(
                        "%s ended with code %d, see %s".formatted(String.join(" ", command), code, output));
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            throw e;
        }
    }
}
