package dev.herald.boot;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

class HeapTest {
    private final HotSpotDiagnosticMXBean jvm = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);

    @Test
    void what_a_burst_has_left_is_given_back_when_it_is_quiet() {
        Heap.giveBack();
        assertThat(jvm.getVMOption("G1PeriodicGCInterval").getValue()).isEqualTo("15000");
        assertThat(jvm.getVMOption("MaxHeapFreeRatio").getValue()).isEqualTo("30");
        assertThat(jvm.getVMOption("MinHeapFreeRatio").getValue()).isEqualTo("10");
    }
}
