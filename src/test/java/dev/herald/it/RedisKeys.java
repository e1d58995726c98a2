package dev.herald.it;

import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** All that a Redis database holds, as texts. */
final class RedisKeys implements AutoCloseable {
    private final Redis redis;

    RedisKeys(Vertx vertx, String url) {
        this.redis = Redis.createClient(vertx, url);
    }

    /** By key and type with a blank between: the entries, those of a hash as field=value. */
    Map<String, List<String>> all() {
        Map<String, List<String>> held = new TreeMap<>();
        for (Response key : ask(Command.KEYS, "*")) {
            String name = key.toString();
            String type = ask(Command.TYPE, name).toString();
            Response value =
                    switch (type) {
                        case "list" -> ask(Command.LRANGE, name, "0", "-1");
                        case "hash" -> ask(Command.HGETALL, name);
                        case "zset" -> ask(Command.ZRANGE, name, "0", "-1");
                        case "set" -> ask(Command.SMEMBERS, name);
                        default -> ask(Command.GET, name);
                    };
            // It may have gone since.
            if (value != null && !type.equals("none")) {
                held.put(name + " " + type, texts(type, value));
            }
        }
        return held;
    }

    @Override
    public void close() {
        redis.close();
    }

    private static List<String> texts(String type, Response value) {
        if (type.equals("hash")) {
            return value.getKeys().stream()
                    .map(field -> field + "=" + value.get(field))
                    .toList();
        }
        if (type.equals("string")) {
            return List.of(value.toString());
        }
        List<String> texts = new ArrayList<>();
        value.forEach(entry -> texts.add(entry.toString()));
        return texts;
    }

    private Response ask(Command command, Object... arguments) {
        return Sql.await(redis.send(TestRedis.request(command, arguments)));
    }
}
