package dev.herald.bench.measure;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What one run of one scenario gave: figures by name (the unit stands in the name), and everything that was wrong, which any
 * thread may say.
 */
public final class Result {
    private static final int MAX_PROBLEMS = 20;

    private final String scenario;
    private final Map<String, Double> figures = new LinkedHashMap<>();
    private final List<String> problems = new ArrayList<>();
    private final Map<String, Integer> runs = new HashMap<>();
    private long problemCount;
    private Map<String, String> settings = Map.of();

    public Result(String scenario) {
        this.scenario = scenario;
    }

    public void figure(String name, double value) {
        figures.put(name, value);
    }

    /** Says that only so many of the runs have this figure, of which this is the median. */
    void isOf(String name, int some) {
        runs.put(name, some);
    }

    /** A remark if this is the median of fewer runs than the others, else nothing. */
    String ofHowMany(String name) {
        return runs.containsKey(name) ? " (of " + runs.get(name) + ")" : "";
    }

    /** p50, p99, p99.9 and the maximum, in milliseconds. */
    public void latency(String name, Latency latency) {
        if (latency.count() > 0) {
            figure(name + " p50 ms", latency.millisAt(50));
            figure(name + " p99 ms", latency.millisAt(99));
            figure(name + " p99.9 ms", latency.millisAt(99.9));
            figure(name + " max ms", latency.maxMillis());
        }
    }

    /** Writes how many there are of what there must be none of. */
    public void none(String what, long count) {
        figure(what, count);
        if (count != 0) {
            problem(what + ": " + count);
        }
    }

    /** Something that must not happen: the run has failed, whatever its speed. */
    public synchronized void problem(String text) {
        problemCount++;
        if (problems.size() < MAX_PROBLEMS) {
            problems.add(text);
        }
    }

    /** Those of another run, of which only the first may be known by their text. */
    void takeProblems(Result other) {
        other.problems.forEach(this::problem);
        problemCount += other.problemCount - other.problems.size();
    }

    public void ran(Map<String, String> with) {
        settings = Map.copyOf(with);
    }

    public String scenario() {
        return scenario;
    }

    public Map<String, Double> figures() {
        return figures;
    }

    public List<String> problems() {
        return problems;
    }

    public long problemCount() {
        return problemCount;
    }

    public Map<String, String> settings() {
        return settings;
    }
}
