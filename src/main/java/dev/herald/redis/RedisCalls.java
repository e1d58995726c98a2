package dev.herald.redis;

import io.vertx.core.Future;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import org.jspecify.annotations.Nullable;

/** Whatever carries a call to Redis. */
public interface RedisCalls {
    Future<@Nullable Response> send(Request request);
}
