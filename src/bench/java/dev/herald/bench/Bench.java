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
import java.util.Map;
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

    /** True if nothing was wrong with the server that is measured. */
    public static boolean run(String names, Settings settings) throws Exception {
        Report report = new Report(System.out);
        List<Result> results = new ArrayList<>();
        Set<String> known = new HashSet<>(Set.of("beside", "label", "out", "repeat", "postgres", "redis", "kill"));
        String label = settings.text("label", "");
        String out = settings.text("out", "");
        int repeat = settings.number("repeat", 1);
        boolean right = true;
        List<Settings> servers = servers(settings);
        for (String name : names.split(",", -1)) {
            List<List<Result>> repeats = servers.stream().<List<Result>>map(server -> new ArrayList<>()).toList();
            for (int i = 0; i < repeat; i++) {
                for (int server = 0; server < servers.size(); server++) {
                    Result result = once(name, servers.get(server), known, report);
                    repeats.get(server).add(result);
                    report.show(result);
                    results.add(result);
                    write(out, label, results);
                }
            }
            List<Result> medians = repeats.stream().map(Report::median).toList();
            if (repeat > 1) {
                medians.forEach(report::show);
                results.addAll(medians);
                write(out, label, results);
            }
            if (medians.size() > 1) {
                report.compare(medians.get(0), medians.get(1));
            }
            right &= medians.getFirst().problemCount() == 0;
        }
        settings.refuseUnknown(known);
        return right;
    }

    /** The one that is measured, and the one beside it if there is one: they take turns, so that noise hits both. */
    private static List<Settings> servers(Settings settings) {
        String beside = settings.text("beside", "");
        if (beside.isEmpty()) {
            return List.of(settings);
        }
        String[] parts = beside.split(",", 3);
        if (parts.length < 3) {
            throw new IllegalArgumentException("beside must be ws,api,pids, but is " + beside);
        }
        return List.of(settings, settings.with(Map.of("ws", parts[0], "api", parts[1], "pids", parts[2])));
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
