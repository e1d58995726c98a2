package dev.herald.redis;

import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Whatever carries a call to Redis: to the server that has the call's keys, which share one hash tag. */
public interface RedisCalls {
    Future<@Nullable Response> send(Request request);

    /** The same call to each server that takes writes, of which a cluster has several. */
    default Future<List<@Nullable Response>> sendToMasters(Request request) {
        return send(request).map(List::of);
    }

    /** A key for each of those servers, which it has itself; the same as long as no slots move. */
    default List<String> keysOfMasters(String name) {
        return List.of(name);
    }

    /** @param request made of the key of each of those servers */
    default Future<List<@Nullable Response>> sendForMasters(String name, Function<String, Request> request) {
        List<Future<@Nullable Response>> answers =
                keysOfMasters(name).stream().map(request).map(this::send).toList();
        return Future.all(answers)
                .map(done -> answers.stream().map(Future::result).toList());
    }

    /** The servers' processes. */
    default Future<List<RedisProcess>> processes() {
        return sendToMasters(Request.cmd(Command.INFO).arg("server")).map(infos -> infos.stream()
                .map(info -> RedisProcess.parse(String.valueOf(info)))
                .toList());
    }
}
