package dev.herald.bench.measure;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What the servers under test use, each with its children, as {@code /proc} tells it. */
public final class Processes {
    private static final double TICKS_PER_SECOND = 100;
    private static final Pattern ANONYMOUS = Pattern.compile("(?m)^RssAnon:\\s+(\\d+) kB");
    private static final Pattern RESIDENT = Pattern.compile("(?m)^VmRSS:\\s+(\\d+) kB");

    /** Fields of {@code /proc/PID/stat} behind the name, counted from its state as 0: utime, stime, cutime, cstime. */
    private static final int FIRST_TIME = 11;

    private static final int TIMES = 4;

    private final Map<String, Long> roots = new LinkedHashMap<>();

    /** @param spec {@code name:pid,name:pid}; a pid stands for itself and its descendants */
    public static Processes parse(String spec) {
        Processes processes = new Processes();
        if (!spec.isBlank()) {
            for (String part : spec.split(",", -1)) {
                String[] pair = part.split(":", -1);
                processes.roots.put(pair[0], Long.parseLong(pair[1]));
            }
        }
        return processes;
    }

    /** Seconds of CPU since their start, by name. */
    public Map<String, Double> cpuSeconds() {
        Map<String, Double> seconds = new LinkedHashMap<>();
        roots.forEach((name, pid) -> seconds.put(name, tree(pid).mapToDouble(Processes::cpu).sum()));
        return seconds;
    }

    /** Kilobytes in memory, by name; of a tree with children only what is not shared is added up. */
    public Map<String, Long> residentKb() {
        Map<String, Long> kb = new LinkedHashMap<>();
        roots.forEach((name, pid) -> kb.put(
                name,
                kb(pid, RESIDENT)
                        + tree(pid).filter(each -> !each.equals(pid)).mapToLong(each -> kb(each, ANONYMOUS)).sum()));
        return kb;
    }

    /** A root below another one, as a store is below the server that started it, counts for itself alone. */
    private Stream<Long> tree(long root) {
        return tree(ProcessHandle.of(root)
                .orElseThrow(() -> new IllegalStateException("process " + root + " is gone")));
    }

    /** A child may end meanwhile. */
    private Stream<Long> tree(ProcessHandle process) {
        return Stream.concat(
                Stream.of(process.pid()),
                process.children()
                        .filter(child -> !roots.containsValue(child.pid()))
                        .flatMap(this::tree));
    }

    private static double cpu(long pid) {
        String stat = read(pid, "stat");
        String[] fields = stat.substring(stat.lastIndexOf(')') + 1).trim().split(" ", -1);
        long ticks = 0;
        for (int i = FIRST_TIME; i < FIRST_TIME + TIMES && i < fields.length; i++) {
            ticks += Long.parseLong(fields[i]);
        }
        return ticks / TICKS_PER_SECOND;
    }

    private static long kb(long pid, Pattern line) {
        Matcher matcher = line.matcher(read(pid, "status"));
        return matcher.find() ? Long.parseLong(matcher.group(1)) : 0;
    }

    /** Nothing for a child that has just ended. */
    private static String read(long pid, String file) {
        try {
            return Files.readString(Path.of("/proc", Long.toString(pid), file));
        } catch (IOException e) {
            if (ProcessHandle.of(pid).isEmpty()) {
                return "";
            }
            throw new UncheckedIOException(e);
        }
    }
}
