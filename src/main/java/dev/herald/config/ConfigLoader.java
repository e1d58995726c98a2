package dev.herald.config;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/** Defaults from the jar's {@code conf/herald.yaml}, over them a file, over both the environment. */
public final class ConfigLoader {
    private static final String DEFAULTS = "/conf/herald.yaml";
    private static final String PREFIX = "HERALD_";

    private final Map<String, String> values = new HashMap<>();
    private final List<Problem> problems = new ArrayList<>();

    private ConfigLoader() {
        values.putAll(defaults());
    }

    /**
     * Reads and checks all of it.
     *
     * @throws ConfigProblems that name everything that is wrong
     */
    public static Settings read(Optional<Path> file, Map<String, String> environment) {
        ConfigLoader loader = new ConfigLoader();
        file.ifPresent(loader::readFile);
        loader.readEnvironment(environment);
        loader.problems.addAll(ConfigCheck.problemsOf(loader.values));
        return loader.settings();
    }

    /**
     * For tests: the defaults and what is given, whether or not the values are wise.
     *
     * @param overrides values by key path, such as {@code ws.port}
     */
    public static HeraldConfig load(Map<String, String> overrides) {
        return settings(overrides).config();
    }

    /** What {@link #load} makes its configuration of. */
    public static Settings settings(Map<String, String> overrides) {
        ConfigLoader loader = new ConfigLoader();
        loader.take(overrides);
        return loader.settings();
    }

    private Settings settings() {
        if (!problems.isEmpty()) {
            throw new ConfigProblems(problems);
        }
        return new Settings(values);
    }

    private void readFile(Path file) {
        try (Reader yaml = Files.newBufferedReader(file)) {
            take(YamlKeys.read(file.toString(), yaml, problems));
        } catch (IOException e) {
            problems.add(new Problem(file.toString(), "cannot be read as a text file in UTF-8"));
        }
    }

    private void readEnvironment(Map<String, String> environment) {
        Map<String, String> keys =
                values.keySet().stream().collect(Collectors.toMap(ConfigLoader::variable, key -> key));
        environment.forEach((name, value) -> {
            String key = keys.get(name);
            if (key != null) {
                values.put(key, value);
            } else if (name.startsWith(PREFIX) && !ServiceLinks.contain(name, value)) {
                unknown(name, "variable", keys.keySet());
            }
        });
    }

    private void take(Map<String, String> given) {
        Collection<String> known = List.copyOf(values.keySet());
        given.forEach((key, value) -> {
            if (known.contains(key)) {
                values.put(key, value);
            } else if (known.stream().anyMatch(it -> it.startsWith(key + "."))) {
                section(key, value);
            } else {
                unknown(key, "key", known);
            }
        });
    }

    /** One whose keys are all commented out has no value, and is no mistake. */
    private void section(String name, String value) {
        if (!value.isEmpty()) {
            problems.add(new Problem(name, "is a section and has no value, only keys of its own"));
        }
    }

    private void unknown(String name, String kind, Collection<String> known) {
        String hint = Nearest.to(name, known)
                .map(near -> ", meant is perhaps " + near)
                .orElse("");
        problems.add(new Problem(name, "is no known " + kind + hint));
    }

    private static String variable(String key) {
        return PREFIX + key.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]", "_");
    }

    private static Map<String, String> defaults() {
        try (InputStream in = Objects.requireNonNull(ConfigLoader.class.getResourceAsStream(DEFAULTS))) {
            return YamlKeys.read(DEFAULTS, new InputStreamReader(in, StandardCharsets.UTF_8), new ArrayList<>());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
