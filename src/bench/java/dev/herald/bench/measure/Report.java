package dev.herald.bench.measure;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Prints results as a table as they come, and in the end writes all of them as JSON. */
public final class Report {
    private final PrintStream out;

    public Report(PrintStream out) {
        this.out = out;
    }

    /** How far a run is. */
    public void say(String what) {
        out.println(what);
        out.flush();
    }

    public void show(Result result) {
        out.println();
        out.println(result.scenario() + " " + new TreeMap<>(result.settings()));
        result.figures().forEach((name, value) -> out.printf(Locale.ROOT, "  %-40s %s%n", name, number(value)));
        result.problems().forEach(problem -> out.println("  WRONG " + problem));
        if (result.problemCount() > 0) {
            out.println("  FAILED: " + result.problemCount() + " problems");
        }
        out.flush();
    }

    /** The median of each figure over the repeats of a scenario, and every problem. */
    public static Result median(List<Result> repeats) {
        Result median = new Result(repeats.getFirst().scenario() + " (median of " + repeats.size() + ")");
        median.ran(repeats.getFirst().settings());
        for (String name : repeats.getFirst().figures().keySet()) {
            double[] sorted = repeats.stream()
                    .mapToDouble(each -> each.figures().getOrDefault(name, Double.NaN))
                    .sorted()
                    .toArray();
            median.figure(name, sorted[sorted.length / 2]);
        }
        repeats.forEach(each -> each.problems().forEach(median::problem));
        return median;
    }

    public static void write(Path file, String label, List<Result> results) throws IOException {
        List<Map<String, Object>> all = results.stream().map(Report::json).toList();
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("label", label);
        document.put("cores", Runtime.getRuntime().availableProcessors());
        document.put("results", all);
        new ObjectMapper().writerWithDefaultPrettyPrinter().writeValue(file.toFile(), document);
    }

    private static Map<String, Object> json(Result result) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("scenario", result.scenario());
        json.put("settings", new TreeMap<>(result.settings()));
        json.put("figures", result.figures());
        json.put("problems", result.problems());
        json.put("problemCount", result.problemCount());
        return json;
    }

    private static String number(double value) {
        return value >= 100 || value == Math.rint(value)
                ? String.format(Locale.ROOT, "%,.0f", value)
                : String.format(Locale.ROOT, "%.3f", value);
    }
}
