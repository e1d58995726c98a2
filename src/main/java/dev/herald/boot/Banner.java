package dev.herald.boot;

import dev.herald.config.HeraldConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What a person who starts Herald wants to know: where it listens, and where its data is. */
final class Banner {
    private Banner() {}

    /** @param given as configured, so that stores of our own can be told from given ones; the ports of {@code config} */
    static String of(HeraldConfig given, HeraldConfig config) {
        String host = config.bind().contains(":") ? "[" + config.bind() + "]" : config.bind();
        List<String> lines = new ArrayList<>();
        lines.add("Herald is ready.");
        lines.add("  HTTP API    http://%s:%d".formatted(host, config.http().port()));
        lines.add("  WebSocket   ws://%s:%d".formatted(host, config.ws().port()));
        lines.add("  TCP         %s:%d".formatted(host, config.tcp().port()));
        lines.add("  Management  http://%s:%d  (/live /ready /metrics)"
                .formatted(host, config.management().port()));
        lines.add("  PostgreSQL  " + (given.postgres().url().isPresent() ? "as given" : own(config, "postgres")));
        lines.add("  Redis       " + (given.redis().url().isPresent() ? "as given" : own(config, "redis")));
        if (config.api().token().isEmpty()) {
            lines.add("  No api.token is set: the API believes anyone, which only loopback makes acceptable.");
        }
        return String.join(System.lineSeparator(), lines);
    }

    private static String own(HeraldConfig config, String part) {
        return "our own, data in " + Path.of(config.data().dir(), part).toAbsolutePath();
    }
}
