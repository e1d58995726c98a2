package dev.herald.redis;

import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
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
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One connection from its making to its loss, with a client of its own: closing that cuts whatever still hangs. */
final class RedisLink implements RedisCalls {
    private static final Logger log = LoggerFactory.getLogger(RedisLink.class);
    private static final Duration DEADLINE = Duration.ofSeconds(5);

    private final Redis client;
    private final RedisConnection connection;
    private final Consumer<RedisLink> onLost;
    private int inFlight;
    private long answered;
    private long answeredAtLastLook;
    private boolean waitedAtLastLook;
    private boolean cut;

    private RedisLink(Redis client, RedisConnection connection, Consumer<RedisLink> onLost) {
        this.client = client;
        this.connection = connection;
        this.onLost = onLost;
    }

    static Future<RedisLink> connect(Vertx vertx, String url, Consumer<RedisLink> onLost) {
        RedisOptions options =
                new RedisOptions().setConnectionString(url).setMaxWaitingHandlers(RedisGateway.MAX_IN_FLIGHT);
        options.getNetClientOptions().setConnectTimeout((int) DEADLINE.toMillis());
        Redis client = Redis.createClient(vertx, options);
        return client.connect()
                .timeout(DEADLINE.toMillis(), TimeUnit.MILLISECONDS)
                .map(connection -> new RedisLink(client, connection, onLost).listen())
                .recover(cause -> client.close()
                        .transform(done -> Future.failedFuture(unavailable("Redis cannot be reached", cause))));
    }

    @Override
    public Future<@Nullable Response> send(Request request) {
        return track(1, connection.send(request));
    }

    Future<List<@Nullable Response>> batch(List<Request> requests) {
        return track(requests.size(), connection.batch(requests));
    }

    boolean isCut() {
        return cut;
    }

    int inFlight() {
        return inFlight;
    }

    /** True if calls were waiting at the last look already and not one was answered since then. */
    boolean isSilentSinceLastLook() {
        boolean silent = waitedAtLastLook && inFlight > 0 && answered == answeredAtLastLook;
        waitedAtLastLook = inFlight > 0;
        answeredAtLastLook = answered;
        return silent;
    }

    /** Ends the connection as if the other side had: what is in flight fails. */
    void cut() {
        cut = true;
        onLost.accept(this);
        close().onFailure(cause -> log.debug("redis connection did not close", cause));
    }

    Future<Void> close() {
        return client.close();
    }

    private RedisLink listen() {
        // After some errors the client calls no end handler, and its connection is of no more use.
        connection.exceptionHandler(cause -> {
            log.debug("redis connection error", cause);
            cut();
        });
        connection.endHandler(end -> cut());
        // An end that came before these handlers were set is told by nobody else.
        send(Request.cmd(Command.PING)).onFailure(cause -> cut());
        return this;
    }

    private <T extends @Nullable Object> Future<T> track(int calls, Future<T> result) {
        inFlight += calls;
        return result.recover(
                        cause -> Future.failedFuture(isReply(cause) ? cause : unavailable("Redis call failed", cause)))
                .onComplete(done -> {
                    inFlight -= calls;
                    answered += calls;
                });
    }

    /** The client makes an error reply of a closed connection, too. */
    private static boolean isReply(Throwable cause) {
        return cause instanceof Response && !String.valueOf(cause.getMessage()).contains("CONNECTION_CLOSED");
    }

    private static HeraldException unavailable(String what, Throwable cause) {
        // A batch has a line for each of its calls.
        String reason = String.valueOf(cause.getMessage()).lines().findFirst().orElse("no reason given");
        return new HeraldException(Failure.UNAVAILABLE, what + ": " + reason);
    }
}
