package dev.herald.config;

import java.io.Reader;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.Tag;

/** The leaves of a YAML file by their paths, each as it is written: a token of digits stays text. */
final class YamlKeys {
    private final String file;
    private final List<Problem> problems;
    private final Map<String, String> leaves = new LinkedHashMap<>();

    private YamlKeys(String file, List<Problem> problems) {
        this.file = file;
        this.problems = problems;
    }

    /** @param problems gains what is wrong with the file's form */
    static Map<String, String> read(String file, Reader yaml, List<Problem> problems) {
        YamlKeys keys = new YamlKeys(file, problems);
        keys.read(yaml);
        return keys.leaves;
    }

    private void read(Reader yaml) {
        try {
            @Nullable Node root = new Yaml(new LoaderOptions()).compose(yaml);
            if (root instanceof MappingNode mapping) {
                walk("", mapping);
            } else if (root != null && !isEmpty(root)) {
                problems.add(new Problem(file, "must be a tree of keys"));
            }
        } catch (YAMLException e) {
            problems.add(new Problem(file, "is not YAML" + place(e)));
        }
    }

    private void walk(String prefix, MappingNode mapping) {
        for (NodeTuple entry : mapping.getValue()) {
            if (!(entry.getKeyNode() instanceof ScalarNode key)) {
                problems.add(new Problem(file, "has a key that is no name" + line(entry.getKeyNode())));
                continue;
            }
            String path = prefix + key.getValue();
            switch (entry.getValueNode()) {
                case MappingNode inner -> walk(path + ".", inner);
                case ScalarNode leaf -> put(path, leaf);
                default -> problems.add(new Problem(path, "must be a single value"));
            }
        }
    }

    private void put(String path, ScalarNode leaf) {
        if (leaves.put(path, isEmpty(leaf) ? "" : leaf.getValue()) != null) {
            problems.add(new Problem(path, "stands twice in " + file));
        }
    }

    private static boolean isEmpty(Node node) {
        return node.getTag().equals(Tag.NULL);
    }

    /** Where the parser stopped; its own words would quote the line, and with it perhaps a secret. */
    private static String place(YAMLException e) {
        return e instanceof MarkedYAMLException marked && marked.getProblemMark() != null
                ? " in line " + (marked.getProblemMark().getLine() + 1)
                : "";
    }

    private static String line(Node node) {
        return " in line " + (node.getStartMark().getLine() + 1);
    }
}
