package dev.herald.arch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.it.NamedMetrics;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Dashboard, alerts and documents name the metrics that there are, and the documents all of them. */
class MetricNamesTest {
    private static final Pattern LITERAL = Pattern.compile("\"(herald\\.[a-z.]*[a-z])\"");
    private static final Pattern NAMED = Pattern.compile("herald_[a-z_]+[a-z]");

    /** What Prometheus' form adds to a name, by the kind of the metric. */
    private static final String SUFFIX = "(_seconds)?(_total|_bucket|_count|_sum|_max)?$";

    @Test
    void what_is_named_is_counted() {
        assertThat(named("docs", "k8s/monitoring")).isSubsetOf(counted());
    }

    @Test
    void what_is_counted_is_documented() {
        assertThat(counted()).isSubsetOf(named("docs"));
    }

    /** So that what only exists once something has happened is asked for by the name that it will have. */
    @Test
    void what_is_asked_for_is_documented_by_that_name() {
        Map<String, String> kinds = NamedMetrics.kinds();
        assertThat(NamedMetrics.asked())
                .filteredOn(name -> name.startsWith("herald_"))
                .isNotEmpty()
                .allSatisfy(name -> assertThat(kinds)
                        .containsKey(kinds.containsKey(name) ? name : name.replaceFirst("_(bucket|count|sum)$", "")));
        assertThat(kinds.entrySet()).isNotEmpty().allSatisfy(metric -> assertThat(
                        metric.getKey().endsWith("_total"))
                .as(metric.getKey())
                .isEqualTo(metric.getValue().equals("counter")));
    }

    /** Every name that a class gives which speaks to the registry. */
    private static Set<String> counted() {
        return NamedMetrics.texts("src/main/java")
                .filter(text -> text.contains("import io.micrometer"))
                .flatMap(text -> LITERAL.matcher(text).results().map(found -> found.group(1)))
                .map(name -> base(name.replace('.', '_')))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> named(String... folders) {
        return Stream.of(folders)
                .flatMap(NamedMetrics::texts)
                .flatMap(text -> NAMED.matcher(text).results().map(found -> found.group()))
                .map(MetricNamesTest::base)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static String base(String name) {
        return name.replaceFirst(SUFFIX, "");
    }
}
