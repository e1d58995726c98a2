package dev.herald.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What documents, dashboard and alerts call the metrics. */
public final class NamedMetrics {
    private static final Pattern ROW = Pattern.compile("(?m)^\\| (`herald_[^|]*) \\| (counter|gauge|histogram) \\|");
    private static final Pattern NAME = Pattern.compile("(herald_[a-z_]+[a-z])(\\{[a-z,]*)?");
    private static final Pattern TYPE = Pattern.compile("(?m)^# TYPE (herald_\\S+) (\\S+)$");
    private static final Pattern SAMPLE = Pattern.compile("(?m)^[a-z_]+");

    /** Ours, and those of the JVM, the process and Vert.x. */
    private static final Pattern ASKED = Pattern.compile("\\b(herald|jvm|process|vertx)_[a-z_]+[a-z]");

    private NamedMetrics() {}

    /** Their kinds, by the names that the documents give them; an error if one is described twice. */
    public static Map<String, String> kinds() {
        Map<String, String> kinds = new HashMap<>();
        rows().forEach(row -> NAME.matcher(row.group(1))
                .results()
                .map(name -> name.group(1))
                .forEach(name -> {
                    if (kinds.put(name, row.group(2)) != null) {
                        throw new IllegalStateException(name + " stands in two rows");
                    }
                }));
        return kinds;
    }

    /** Those that have a value only when what a label stands for has happened. */
    static Set<String> labelled() {
        return rows().flatMap(row -> NAME.matcher(row.group(1)).results())
                .filter(name -> name.group(2) != null)
                .map(name -> name.group(1))
                .collect(Collectors.toSet());
    }

    /** All that dashboard and alerts ask for. */
    public static Set<String> asked() {
        return texts("k8s/monitoring")
                .flatMap(text -> ASKED.matcher(text).results().map(MatchResult::group))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** The names of what a server exposes. */
    static Set<String> samples(String metrics) {
        return SAMPLE.matcher(metrics).results().map(MatchResult::group).collect(Collectors.toCollection(TreeSet::new));
    }

    /** Its kinds, in the words of Prometheus. */
    static Map<String, String> types(String metrics) {
        return TYPE.matcher(metrics)
                .results()
                .collect(Collectors.toMap(type -> type.group(1), type -> type.group(2), (one, other) -> one));
    }

    private static Stream<MatchResult> rows() {
        return texts("docs").flatMap(text -> ROW.matcher(text).results());
    }

    /** Every file below a folder. */
    public static Stream<String> texts(String folder) {
        try (Stream<Path> files = Files.walk(Path.of(folder))) {
            return files.filter(Files::isRegularFile).map(NamedMetrics::text).toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
