package dev.herald.arch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class PromisesTest {
    private static final Pattern TEST = Pattern.compile("`(\\w+(?:Test|IT|Properties))`");

    @Test
    void every_test_that_proves_a_promise_exists() throws IOException {
        Set<String> named = TEST.matcher(Files.readString(Path.of("docs/promises.md")))
                .results()
                .map(MatchResult::group)
                .map(name -> name.replace("`", ""))
                .collect(Collectors.toCollection(TreeSet::new));
        try (Stream<Path> sources = Files.walk(Path.of("src/test/java"))) {
            Set<String> there = sources.map(path -> path.getFileName().toString())
                    .filter(name -> name.endsWith(".java"))
                    .map(name -> name.substring(0, name.length() - ".java".length()))
                    .collect(Collectors.toSet());
            assertThat(named).isNotEmpty().isSubsetOf(there);
        }
    }
}
