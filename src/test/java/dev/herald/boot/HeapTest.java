package dev.herald.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

class HeapTest {
    private final HotSpotDiagnosticMXBean jvm = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);

    /** The collections of this JVM come between those that are told here: so each is told until it is seen. */
    @Test
    void the_heap_has_room_while_there_is_work_and_what_that_has_left_is_given_back() {
        Heap heap = Heap.giveBack();
        assertThat(valueOf("G1PeriodicGCInterval")).isEqualTo("10000");
        await().until(() -> freeAfter(heap, 1_000).equals("60 to 80"));
        await().until(() -> freeAfter(heap, 6_000).equals("10 to 30"));
        await().until(() -> freeAfter(heap, 1_000).equals("60 to 80"));
    }

    private String freeAfter(Heap heap, long gapMillis) {
        heap.collected(0);
        heap.collected(gapMillis);
        return valueOf("MinHeapFreeRatio") + " to " + valueOf("MaxHeapFreeRatio");
    }

    private String valueOf(String option) {
        return jvm.getVMOption(option).getValue();
    }
}
