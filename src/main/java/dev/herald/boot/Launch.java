package dev.herald.boot;

import dev.herald.config.Settings;
import java.io.PrintStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ties a node to the life of the process. */
public final class Launch {
    private static final Logger log = LoggerFactory.getLogger(Launch.class);

    private Launch() {}

    /**
     * Starts a node that stops in order when the process is asked to end; the exit code then is 0.
     *
     * @return false if it did not start; why is in the log
     */
    public static boolean node(Settings settings, PrintStream out) {
        Server server = new Server(settings);
        Thread onSignal = new Thread(() -> stop(server), "shutdown");
        Runtime.getRuntime().addShutdownHook(onSignal);
        Heap.giveBack();
        try {
            server.start();
            out.println(Banner.of(settings.config(), server.config()));
            return true;
        } catch (StartException e) {
            if (cancel(onSignal)) {
                log.error("start failed: {}", e.getMessage(), e.getCause());
            }
            return false;
        }
    }

    /** Halts, since after a signal the JVM would end with the signal's code however well the stop went. */
    private static void stop(Server server) {
        log.info("stopping");
        boolean orderly = server.stop();
        log.info("stopped{}", orderly ? "" : ", not all of it in order");
        Runtime.getRuntime().halt(orderly ? 0 : 1);
    }

    /** @return false if the process is already ending, and the start failed for that reason */
    private static boolean cancel(Thread onSignal) {
        try {
            return Runtime.getRuntime().removeShutdownHook(onSignal);
        } catch (IllegalStateException e) {
            return false;
        }
    }
}
