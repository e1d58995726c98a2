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
import java.util.stream.Stream;

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

    /** The figures that both servers have, and their ratio. */
    public void compare(Result measured, Result beside) {
        out.println();
        out.println(measured.scenario() + ": measured, beside, ratio");
        measured.figures().forEach((name, value) -> {
            Double other = beside.figures().get(name);
            if (other != null && other != 0) {
                out.printf(Locale.ROOT, "  %-40s %12s %12s %8.2f%n", name, number(value), number(other), value / other);
            }
        });
        out.flush();
    }

    /** The median of each figure over those repeats of a scenario that have it, and every problem. */
    public static Result median(List<Result> repeats) {
        Result median = new Result(repeats.getFirst().scenario() + " (median of " + repeats.size() + ")");
        median.ran(repeats.getFirst().settings());
        repeats.stream()
                .flatMap(each -> each.figures().keySet().stream())
                .distinct()
                .forEach(name -> median.figure(name, median(name, repeats)));
        repeats.forEach(median::takeProblems);
        return median;
    }

    /** Of an even number the mean of the two in the middle. */
    private static double median(String name, List<Result> repeats) {
        double[] sorted = repeats.stream()
                .flatMap(each -> Stream.ofNullable(each.figures().get(name)))
                .mapToDouble(value -> value)
                .sorted()
                .toArray();
        int upper = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[upper] : (sorted[upper - 1] + sorted[upper]) / 2;
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
