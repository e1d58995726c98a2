package dev.herald.config;

import static dev.herald.config.Rule.address;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.BiPredicate;
import java.util.stream.Stream;

/** Holds every value against its rule, and some against each other. */
final class ConfigCheck {
    private static final List<String> PORTS = List.of("http.port", "ws.port", "tcp.port", "management.port");
    private static final List<String> CLUSTER_PORTS = Stream.concat(
                    PORTS.stream(), Stream.of("cluster.port", "cluster.bus-port"))
            .toList();

    private static final List<String> JWT_KEYS =
            List.of("client.jwt.secret", "client.jwt.public-key", "client.jwt.jwks");

    private final Map<String, String> values;
    private final List<Problem> problems = new ArrayList<>();

    private ConfigCheck(Map<String, String> values) {
        this.values = values;
    }

    /** @param values of all known keys */
    static List<Problem> problemsOf(Map<String, String> values) {
        ConfigCheck check = new ConfigCheck(values);
        ConfigRules.BY_KEY.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(rule -> check.value(rule.getKey(), rule.getValue()));
        check.portsDiffer();
        check.openBindAsksForProof();
        check.clusterIsReached();
        check.jwtHasOneKey();
        check.above("ws.idle-timeout", "ws.handshake-timeout");
        check.notBelow("presence.max-hold", "presence.grace");
        check.notBelow("ws.max-outbox-bytes", "ws.max-frame-bytes");
        check.notBelow("webhook.retention", "webhook.max-age");
        return check.problems;
    }

    private void value(String key, Rule rule) {
        if (!rule.accepts().test(valueOf(key))) {
            report(key, "must be " + rule.allowed());
        }
    }

    private void portsDiffer() {
        Map<Long, String> owners = new HashMap<>();
        boolean clustered = valueOf("cluster.enabled").equals("true");
        for (String key : clustered ? CLUSTER_PORTS : PORTS) {
            long port = quantity(key).orElse(0);
            String owner = port == 0 ? null : owners.putIfAbsent(port, key);
            if (owner != null) {
                report(key, "must not be the same port as " + owner);
            }
        }
    }

    /** Whoever can reach a port that is not on loopback may be anybody. */
    private void openBindAsksForProof() {
        String bind = valueOf("bind");
        if (Rule.isLoopback(bind) || !address().accepts().test(bind)) {
            return;
        }
        if (valueOf("api.token").isEmpty()) {
            report("api.token", "must be set when bind is not loopback");
        }
        if (valueOf("client.auth").equals("none")) {
            report("client.auth", "must not be none when bind is not loopback");
        }
    }

    /** Nodes on other machines could be found, but would not find this one. */
    private void clusterIsReached() {
        String named = valueOf("cluster.dns");
        boolean elsewhere = Stream.of((named.isEmpty() ? valueOf("cluster.members") : named).split(","))
                .map(String::strip)
                .map(member -> member.replaceFirst("^\\[(.*)](:\\d+)?$", "$1"))
                .map(member -> member.replaceFirst("^([^:]*):\\d+$", "$1"))
                .anyMatch(host -> !Rule.isLoopback(host));
        String key = valueOf("cluster.advertise").isEmpty() ? "cluster.bind" : "cluster.advertise";
        if (valueOf("cluster.enabled").equals("true") && elsewhere && Rule.isLoopback(valueOf(key))) {
            report(key, "must be an address that the nodes in cluster.members or cluster.dns reach");
        }
    }

    private void jwtHasOneKey() {
        long keys = JWT_KEYS.stream().filter(key -> !valueOf(key).isEmpty()).count();
        if (valueOf("client.auth").equals("jwt") ? keys != 1 : keys > 0) {
            report("client.auth", "jwt goes with exactly one of " + String.join(", ", JWT_KEYS));
        }
        if (!valueOf("client.jwt.jwks").isEmpty()
                && valueOf("client.jwt.issuer").isEmpty()
                && valueOf("client.jwt.audience").isEmpty()) {
            report("client.jwt.jwks", "needs client.jwt.audience or issuer: its keys may sign for others, too");
        }
    }

    private void above(String key, String other) {
        compare(key, other, (value, least) -> value > least, "must be more than ");
    }

    private void notBelow(String key, String other) {
        compare(key, other, (value, least) -> value >= least, "must be at least ");
    }

    /** Says nothing of a value that is no number or duration: that is reported by itself. */
    private void compare(String key, String other, BiPredicate<Long, Long> holds, String text) {
        OptionalLong value = quantity(key);
        OptionalLong least = quantity(other);
        if (value.isPresent() && least.isPresent() && !holds.test(value.getAsLong(), least.getAsLong())) {
            report(key, text + other);
        }
    }

    /** A number, or the milliseconds of a duration. */
    private OptionalLong quantity(String key) {
        OptionalLong number = Rule.parseNumber(valueOf(key));
        return number.isPresent()
                ? number
                : Rule.parseDuration(valueOf(key))
                        .map(it -> OptionalLong.of(it.toMillis()))
                        .orElse(number);
    }

    private String valueOf(String key) {
        return values.getOrDefault(key, "");
    }

    private void report(String key, String text) {
        problems.add(new Problem(key, text));
    }
}
