package dev.herald.bench.measure;

import java.util.Map;

/** Time and CPU from its making to {@link #stop}; the driver's own share stands beside, since the cores are shared. */
public final class Meter {
    private final Processes processes;
    private final long begun = System.nanoTime();
    private final Map<String, Double> before;
    private final double driverBefore = driver();

    public Meter(Processes processes) {
        this.processes = processes;
        this.before = processes.cpuSeconds();
    }

    public double seconds() {
        return (System.nanoTime() - begun) / 1e9;
    }

    /** Writes the rate and what each of {@code count} operations cost, in microseconds of CPU. */
    public void stop(Result result, String operation, long count) {
        double seconds = seconds();
        double driver = driver() - driverBefore;
        result.figure(operation + "/s", count / seconds);
        double all = 0;
        for (Map.Entry<String, Double> now : processes.cpuSeconds().entrySet()) {
            double used = now.getValue() - before.getOrDefault(now.getKey(), 0.0);
            all += used;
            result.figure("cpu " + now.getKey() + " us/" + operation, used * 1e6 / Math.max(1, count));
        }
        result.figure("cpu servers us/" + operation, all * 1e6 / Math.max(1, count));
        result.figure("cpu driver us/" + operation, driver * 1e6 / Math.max(1, count));
        result.figure("cores servers", all / seconds);
    }

    private static double driver() {
        return ProcessHandle.current()
                .info()
                .totalCpuDuration()
                .map(cpu -> cpu.toNanos() / 1e9)
                .orElse(0.0);
    }
}
