package dev.herald.bench.measure;

import java.util.List;
import java.util.Map;

/**
 * Counts, time and CPU from its making to {@link #stop}; the driver's own CPU stands beside that of the servers, since they
 * share the cores.
 */
public final class Meter {
    private static final double KB_PER_MB = 1024.0;

    private final Processes processes;
    private final List<Counter> counters;
    private final List<Long> countsBefore;
    private final Map<String, Double> cpuBefore;
    private final double driverBefore = driver();
    private final long begun;

    public Meter(Processes processes, List<Counter> counters) {
        this.processes = processes;
        this.counters = counters;
        this.cpuBefore = processes.cpuSeconds();
        this.countsBefore = counts();
        this.begun = System.nanoTime();
    }

    /**
     * Writes the rate of each count and what one cost in microseconds of CPU, of the first also by process; and the megabytes
     * in memory.
     */
    public void stop(Result result) {
        double seconds = (System.nanoTime() - begun) / 1e9;
        List<Long> counts = counts();
        double driver = driver() - driverBefore;
        Map<String, Double> cpu = processes.cpuSeconds();
        cpu.replaceAll((name, used) -> used - cpuBefore.getOrDefault(name, 0.0));
        double servers = cpu.values().stream().mapToDouble(used -> used).sum();
        for (int i = 0; i < counters.size(); i++) {
            String of = counters.get(i).of();
            long count = counts.get(i) - countsBefore.get(i);
            result.figure(of + "/s", count / seconds);
            if (i == 0) {
                cpu.forEach((name, used) -> result.figure("cpu " + name + " us/" + of, micros(used, count)));
                result.figure("cpu driver us/" + of, micros(driver, count));
            }
            result.figure("cpu servers us/" + of, micros(servers, count));
        }
        result.figure("cores servers", servers / seconds);
        processes.residentKb().forEach((name, kb) -> result.figure("rss " + name + " MB", kb / KB_PER_MB));
    }

    private List<Long> counts() {
        return counters.stream().map(each -> each.sum().getAsLong()).toList();
    }

    private static double micros(double seconds, long count) {
        return seconds * 1e6 / Math.max(1, count);
    }

    private static double driver() {
        return ProcessHandle.current()
                .info()
                .totalCpuDuration()
                .map(cpu -> cpu.toNanos() / 1e9)
                .orElse(0.0);
    }
}
