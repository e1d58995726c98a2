package dev.herald.boot;

import com.sun.management.GarbageCollectionNotificationInfo;
import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.VMOption;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.management.NotificationEmitter;
import javax.management.openmbean.CompositeData;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives memory back that a burst of logins has left behind: most connections of a server are idle, and without this the
 * collector keeps what it once took until it is needed again, that is for days. While there is work the heap has room:
 * G1 marks all of it whenever more than 45 % of it has grown old, so a close one costs a sixth of the server's CPU.
 * Whoever gives the JVM other values on its command line keeps them.
 */
final class Heap {
    private static final Logger log = LoggerFactory.getLogger(Heap.class);

    /** A collection follows so long after the last one if none was needed; each costs some ten milliseconds. */
    private static final Duration PAUSE = Duration.ofSeconds(10);

    /** Who fills the heap's young part faster than this is at work. */
    private static final Duration BUSY = Duration.ofSeconds(5);

    private static final String INTERVAL = "G1PeriodicGCInterval";
    private static final String MIN_FREE = "MinHeapFreeRatio";
    private static final String MAX_FREE = "MaxHeapFreeRatio";

    private final HotSpotDiagnosticMXBean jvm = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
    private final Set<String> ours;
    private long lastMillis;

    private Heap() {
        ours = Stream.of(INTERVAL, MIN_FREE, MAX_FREE).filter(this::isFree).collect(Collectors.toSet());
    }

    static Heap giveBack() {
        Heap heap = new Heap();
        heap.set(INTERVAL, PAUSE.toMillis());
        heap.keepFree(false);
        ManagementFactory.getGarbageCollectorMXBeans().stream()
                .filter(collector -> collector.getName().equals("G1 Young Generation"))
                .forEach(collector -> ((NotificationEmitter) collector)
                        .addNotificationListener(
                                (end, nothing) -> heap.collected(startOf((CompositeData) end.getUserData())),
                                null,
                                null));
        return heap;
    }

    private static long startOf(CompositeData end) {
        return GarbageCollectionNotificationInfo.from(end).getGcInfo().getStartTime();
    }

    /** @param millis when, since the JVM has started */
    void collected(long millis) {
        keepFree(millis - lastMillis >= BUSY.toMillis());
        lastMillis = millis;
    }

    /** The percent of the heap that should be free after a collection, and that may be; the one never above the other. */
    private void keepFree(boolean idle) {
        if (idle) {
            set(MIN_FREE, 10);
            set(MAX_FREE, 30);
        } else {
            set(MAX_FREE, 80);
            set(MIN_FREE, 60);
        }
    }

    /** Another kind of JVM or of collector does not know these, and goes by its own. */
    private boolean isFree(String option) {
        try {
            return jvm.getVMOption(option).getOrigin() == VMOption.Origin.DEFAULT;
        } catch (IllegalArgumentException e) {
            log.debug("option={} is not known: {}", option, String.valueOf(e.getMessage()));
            return false;
        }
    }

    private void set(String option, long value) {
        if (ours.contains(option)) {
            jvm.setVMOption(option, Long.toString(value));
        }
    }
}
