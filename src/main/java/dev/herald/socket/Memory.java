package dev.herald.socket;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * Whether the node's memory gets short: the heap, by what its last collection had to leave, or the bytes that wait for
 * slow readers. Then nobody is let in, and those who are furthest behind are closed: what they missed is replayed later.
 */
final class Memory {
    /** Of the heap, after a collection: beyond it the collector has more to do than the clients. */
    private static final double FULL_HEAP = 0.9;

    /** What may wait for all readers together, as a part of the heap; Netty's buffers have as much again for themselves. */
    private static final int OUTBOX_SHARE = 4;

    /** What may have come in and not be done with, as a part of the heap: of all clients together. */
    private static final int INTAKE_SHARE = 8;

    /** How much less may wait for one reader while memory is short. */
    private static final int LESS = 16;

    private final BooleanSupplier heapIsFull;
    private final LongSupplier outboxBytes;
    private final long maxOutboxBytes;
    private final LongSupplier intakeBytes;
    private final long maxIntakeBytes;
    private volatile boolean isShort;

    /**
     * @param maxOutboxBytes that may wait for all readers together
     * @param maxIntakeBytes that all clients together may have sent without their being done with
     */
    Memory(
            BooleanSupplier heapIsFull,
            LongSupplier outboxBytes,
            long maxOutboxBytes,
            LongSupplier intakeBytes,
            long maxIntakeBytes) {
        this.heapIsFull = heapIsFull;
        this.outboxBytes = outboxBytes;
        this.maxOutboxBytes = maxOutboxBytes;
        this.intakeBytes = intakeBytes;
        this.maxIntakeBytes = maxIntakeBytes;
    }

    static Memory ofProcess(NodeCounts counts) {
        List<MemoryPoolMXBean> oldOnes = longLived();
        return new Memory(
                () -> oldOnes.stream().anyMatch(MemoryPoolMXBean::isCollectionUsageThresholdExceeded),
                counts.outboxBytes::sum,
                Runtime.getRuntime().maxMemory() / OUTBOX_SHARE,
                counts.intakeBytes::sum,
                Runtime.getRuntime().maxMemory() / INTAKE_SHARE);
    }

    /** Looks again; what is seen holds until the next look. */
    void look() {
        isShort = outboxBytes.getAsLong() > maxOutboxBytes || heapIsFull.getAsBoolean();
    }

    boolean isShort() {
        return isShort;
    }

    /** Whether clients have sent more than the node can hold; as it is now, since they fill a heap within seconds. */
    boolean isFullOfIntake() {
        return intakeBytes.getAsLong() > maxIntakeBytes;
    }

    /** @param configured bytes that may wait for one reader */
    int outboxBound(int configured) {
        return isShort ? configured / LESS : configured;
    }

    /** The pools that a collection empties last; the JVM compares what it leaves there with the threshold set here. */
    private static List<MemoryPoolMXBean> longLived() {
        List<MemoryPoolMXBean> pools = ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getType() == MemoryType.HEAP)
                .filter(MemoryPoolMXBean::isCollectionUsageThresholdSupported)
                .filter(pool -> pool.getName().contains("Old") || pool.getName().contains("Tenured"))
                .filter(pool -> pool.getUsage().getMax() > 0)
                .toList();
        pools.forEach(
                pool -> pool.setCollectionUsageThreshold((long) (pool.getUsage().getMax() * FULL_HEAP)));
        return pools;
    }
}
