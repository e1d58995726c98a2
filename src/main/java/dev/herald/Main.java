package dev.herald;

import dev.herald.boot.Launch;
import dev.herald.config.ConfigLoader;
import dev.herald.config.ConfigProblems;
import dev.herald.config.Settings;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** The command line. */
public final class Main {
    private static final int OK = 0;
    private static final int START_FAILED = 1;
    private static final int WRONG_USE = 2;

    private static final String USAGE = """
            Usage: java -jar herald.jar [--config FILE] [--check-config] [--with-parent]

              --config FILE    a YAML file with any of the keys of conf/herald.yaml
              --check-config   only say whether the configuration is valid
              --with-parent    end when the process that started this one ends
              --help           print this

            Environment variables override the file: HERALD_HTTP_PORT is the key http.port.""";

    private final PrintStream out;
    private final PrintStream err;
    private Optional<Path> file = Optional.empty();
    private boolean checkOnly;
    private boolean help;
    private boolean withParent;

    Main(PrintStream out, PrintStream err) {
        this.out = out;
        this.err = err;
    }

    public static void main(String[] args) {
        new Main(System.out, System.err).run(List.of(args), System.getenv()).ifPresent(System::exit);
    }

    /** @return the exit code, or nothing while the node runs */
    OptionalInt run(List<String> args, Map<String, String> environment) {
        if (!parse(args)) {
            err.println(USAGE);
            return OptionalInt.of(WRONG_USE);
        }
        if (help) {
            out.println(USAGE);
            return OptionalInt.of(OK);
        }
        try {
            return run(ConfigLoader.read(file, environment));
        } catch (ConfigProblems e) {
            err.println("The configuration has problems:");
            e.problems().forEach(problem -> err.println("  " + problem));
            return OptionalInt.of(WRONG_USE);
        }
    }

    private OptionalInt run(Settings settings) {
        if (checkOnly) {
            out.println("configuration is valid");
            return OptionalInt.of(OK);
        }
        if (withParent) {
            endWithParent();
        }
        return Launch.node(settings, out) ? OptionalInt.empty() : OptionalInt.of(START_FAILED);
    }

    /** Maven ends at once when it is told to, and leaves alone what it has started. */
    private static void endWithParent() {
        ProcessHandle.current().parent().ifPresent(parent -> Thread.ofPlatform()
                .name("with-parent")
                .daemon()
                .start(() -> {
                    parent.onExit().join();
                    System.exit(OK);
                }));
    }

    private boolean parse(List<String> args) {
        for (int i = 0; i < args.size(); i++) {
            switch (args.get(i)) {
                case "--check-config" -> checkOnly = true;
                case "--with-parent" -> withParent = true;
                case "--help", "-h" -> help = true;
                case "--config" -> {
                    i++;
                    if (i == args.size()) {
                        return false;
                    }
                    file = Optional.of(Path.of(args.get(i)));
                }
                default -> {
                    return false;
                }
            }
        }
        return true;
    }
}
