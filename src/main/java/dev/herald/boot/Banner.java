package dev.herald.boot;

import dev.herald.config.HeraldConfig;
import dev.herald.config.Secret;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

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
        lines.add("  PostgreSQL  "
                + (given.postgres().url().isPresent()
                        ? "as given"
                        : own(config, "postgres", config.postgres().url())));
        lines.add("  Redis       "
                + (given.redis().url().isPresent()
                        ? "as given"
                        : own(config, "redis", config.redis().url())));
        if (config.api().token().isEmpty()) {
            lines.add("  No api.token is set: the API believes anyone, which only loopback makes acceptable.");
        }
        return String.join(System.lineSeparator(), lines);
    }

    /** The URL of a store of our own holds no secret, and a second node needs it. */
    private static String own(HeraldConfig config, String part, Optional<Secret> url) {
        return "our own at %s, data in %s"
                .formatted(
                        url.map(Secret::value).orElse("?"),
                        Path.of(config.data().dir(), part).toAbsolutePath());
    }
}
