package dev.herald.redis;

import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import dev.herald.lifecycle.Backoff;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.RedisOptions;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One pipelined connection to Redis, owned by the context that opened it. It reconnects by itself; meanwhile calls fail
 * at once with {@link Failure#UNAVAILABLE}. A call that fails may have been carried out: scripts must bear a repeat.
 */
public final class RedisGateway {
    private static final Logger log = LoggerFactory.getLogger(RedisGateway.class);

    /** Calls in flight before further ones are refused. */
    public static final int MAX_IN_FLIGHT = 16_384;

    private final Vertx vertx;
    private final Redis client;
    private final Backoff backoff = new Backoff(Duration.ofMillis(50), Duration.ofSeconds(2), new Random());
    private @Nullable RedisConnection connection;
    private boolean closed;
    private int inFlight;

    private RedisGateway(Vertx vertx, Redis client) {
        this.vertx = vertx;
        this.client = client;
    }

    /** @param url {@code redis://[:password@]host:port[/db]} */
    public static Future<RedisGateway> open(Vertx vertx, String url) {
        RedisOptions options = new RedisOptions().setConnectionString(url).setMaxWaitingHandlers(MAX_IN_FLIGHT);
        RedisGateway gateway = new RedisGateway(vertx, Redis.createClient(vertx, options));
        return gateway.connect().map(gateway);
    }

    public Future<@Nullable Response> send(Request request) {
        RedisConnection live = connection;
        if (live == null) {
            return Future.failedFuture(new HeraldException(Failure.UNAVAILABLE, "Redis is not connected"));
        }
        if (inFlight >= MAX_IN_FLIGHT) {
            return Future.failedFuture(
                    new HeraldException(Failure.OVERLOADED, MAX_IN_FLIGHT + " Redis calls are in flight"));
        }
        inFlight++;
        return live.send(request).onComplete(done -> inFlight--);
    }

    /** Runs a script whose keys share one hash tag. */
    public Future<@Nullable Response> eval(RedisScript script, List<String> keys, Object... args) {
        return send(call(Command.EVALSHA, script.sha(), keys, args)).recover(cause -> {
            if (String.valueOf(cause.getMessage()).startsWith("NOSCRIPT")) {
                return send(call(Command.EVAL, script.source(), keys, args));
            }
            return Future.failedFuture(cause);
        });
    }

    public boolean isConnected() {
        return connection != null;
    }

    public Future<Void> close() {
        closed = true;
        connection = null;
        return client.close();
    }

    private static Request call(Command command, String script, List<String> keys, Object... args) {
        Request request = Request.cmd(command).arg(script).arg(keys.size());
        keys.forEach(request::arg);
        for (Object arg : args) {
            request.arg(String.valueOf(arg));
        }
        return request;
    }

    private Future<Void> connect() {
        return client.connect().map(live -> {
            live.exceptionHandler(cause -> log.debug("redis connection error", cause));
            live.endHandler(end -> lost());
            connection = live;
            backoff.reset();
            return null;
        });
    }

    private void lost() {
        connection = null;
        if (!closed) {
            log.warn("redis connection lost, reconnecting");
            retry();
        }
    }

    private void retry() {
        vertx.setTimer(backoff.next().toMillis(), timer -> {
            if (!closed) {
                connect().onSuccess(v -> log.info("redis connection is back")).onFailure(cause -> retry());
            }
        });
    }
}
