package dev.herald.boot;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.VMOption;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives memory back that a burst of logins has left behind: most connections of a server are idle, and without this the
 * collector keeps what it once took until it is needed again, that is for days. Whoever gives the JVM other values on its
 * command line keeps them.
 */
final class Heap {
    private static final Logger log = LoggerFactory.getLogger(Heap.class);

    /** A collection follows so long after the last one if none was needed; each costs some ten milliseconds. */
    private static final Duration PAUSE = Duration.ofSeconds(15);

    /** Percent of the heap that may be free, and that should be, after a collection. */
    private static final int MAX_FREE = 30;

    private static final int MIN_FREE = 10;

    private Heap() {}

    /** Another kind of JVM or of collector does not know these, and goes by its own. */
    static void giveBack() {
        HotSpotDiagnosticMXBean jvm = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
        set(jvm, "G1PeriodicGCInterval", PAUSE.toMillis());
        set(jvm, "MinHeapFreeRatio", MIN_FREE);
        set(jvm, "MaxHeapFreeRatio", MAX_FREE);
    }

    private static void set(HotSpotDiagnosticMXBean jvm, String option, long value) {
        try {
            if (jvm.getVMOption(option).getOrigin() == VMOption.Origin.DEFAULT) {
                jvm.setVMOption(option, Long.toString(value));
            }
        } catch (IllegalArgumentException e) {
            log.debug("option={} is left as it is: {}", option, String.valueOf(e.getMessage()));
        }
    }
}
