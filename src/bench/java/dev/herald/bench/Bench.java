package dev.herald.bench;

import dev.herald.bench.measure.Report;
import dev.herald.bench.measure.Result;
import dev.herald.bench.scenario.Scenarios;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * {@code Bench scenario[,scenario…] key=value…}: runs scenarios against a server that is up, prints what they gave, and
 * ends with 1 if anything was lost, repeated, out of order or refused.
 */
public final class Bench {
    private Bench() {}

    public static void main(String[] args) throws Exception {
        if (args.length == 0) {
            System.out.println(Scenarios.help());
            System.exit(2);
        }
        System.exit(run(args[0], Settings.parse(Arrays.asList(args).subList(1, args.length))) ? 0 : 1);
    }

    /** True if nothing was wrong. */
    public static boolean run(String names, Settings settings) throws Exception {
        Report report = new Report(System.out);
        List<Result> results = new ArrayList<>();
        Set<String> known = new HashSet<>(Set.of("label", "out", "repeat", "postgres", "redis", "kill"));
        String label = settings.text("label", "");
        String out = settings.text("out", "");
        int repeat = settings.number("repeat", 1);
        for (String name : names.split(",", -1)) {
            List<Result> repeats = new ArrayList<>();
            for (int i = 0; i < repeat; i++) {
                repeats.add(once(name, settings, known, report));
                results.add(repeats.getLast());
                report.show(results.getLast());
                write(out, label, results);
            }
            if (repeat > 1) {
                results.add(Report.median(repeats));
                report.show(results.getLast());
                write(out, label, results);
            }
        }
        settings.refuseUnknown(known);
        return results.stream().allMatch(result -> result.problemCount() == 0);
    }

    private static Result once(String name, Settings settings, Set<String> known, Report report) {
        settings.takeUsed();
        Result result = new Result(name);
        try (World world = new World(settings, report::say)) {
            Scenarios.named(name).run(world, result);
        } catch (Throwable e) { // whatever it was: the other scenarios run, and the run has failed
            result.problem(String.valueOf(e));
            e.printStackTrace(System.out);
        }
        result.ran(settings.takeUsed());
        known.addAll(result.settings().keySet());
        return result;
    }

    private static void write(String out, String label, List<Result> results) throws IOException {
        if (!out.isEmpty()) {
            Report.write(Path.of(out), label, results);
        }
    }
}
