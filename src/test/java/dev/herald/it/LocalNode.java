package dev.herald.it;

import dev.herald.boot.Server;
import dev.herald.config.ConfigLoader;
import dev.herald.config.HeraldConfig;
import dev.herald.config.Settings;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;

/** A whole node in this process. */
public record LocalNode(Server server) implements Reached, AutoCloseable {

    /** @param settings over free ports; stores of its own if they name none */
    public static LocalNode start(Map<String, String> settings) {
        return new LocalNode(Server.start(settings(settings)));
    }

    /** What it is started with. */
    public static Settings settings(Map<String, String> settings) {
        Map<String, String> all = new HashMap<>(settings);
        Stream.of("http.port", "ws.port", "tcp.port", "management.port").forEach(key -> all.putIfAbsent(key, "0"));
        all.computeIfAbsent("postgres.url", key -> Stores.freshPostgres());
        all.computeIfAbsent("redis.url", key -> Stores.freshRedis());
        return ConfigLoader.settings(all);
    }

    @Override
    public String http() {
        return at("http", server.config().http());
    }

    @Override
    public String ws() {
        return at("ws", server.config().ws());
    }

    @Override
    public String management() {
        return at("http", server.config().management());
    }

    /** False if a part of it did not stop in order and in time. */
    public boolean stop() {
        return server.stop();
    }

    @Override
    public void close() {
        stop();
    }

    private static String at(String scheme, HeraldConfig.Port port) {
        return scheme + "://127.0.0.1:" + port.port();
    }
}
