package dev.herald.redis;

import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import dev.herald.lifecycle.Backoff;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One pipelined connection to Redis, or to each master of a cluster, owned by the context that opened it. It reconnects
 * by itself; meanwhile calls fail at once with {@link Failure#UNAVAILABLE}. A call that fails may have been carried out:
 * scripts must bear a repeat.
 */
public final class RedisGateway implements RedisCalls {
    private static final Logger log = LoggerFactory.getLogger(RedisGateway.class);

    /** Calls in flight before further ones are refused. */
    public static final int MAX_IN_FLIGHT = 16_384;

    private static final Duration SILENCE = Duration.ofSeconds(5);

    private final Vertx vertx;
    private final RedisUrl url;
    private final Function<RedisCalls, Future<Void>> check;
    private final Runnable onBack;
    private final Backoff backoff = new Backoff(Duration.ofMillis(50), Duration.ofSeconds(2), new Random());
    private @Nullable RedisLink link;
    private boolean closed;

    private RedisGateway(Vertx vertx, RedisUrl url, Function<RedisCalls, Future<Void>> check, Runnable onBack) {
        this.vertx = vertx;
        this.url = url;
        this.check = check;
        this.onBack = onBack;
    }

    /**
     * Fails within five seconds if Redis does not answer.
     *
     * @param url one of {@link RedisUrl#FORMS}
     */
    public static Future<RedisGateway> open(Vertx vertx, String url) {
        return open(vertx, url, calls -> Future.succeededFuture(), () -> {});
    }

    /**
     * @param check asked of each connection before it serves; one that fails it is given up, and another is made
     * @param onBack told when a connection serves again after one was lost
     */
    public static Future<RedisGateway> open(
            Vertx vertx, String url, Function<RedisCalls, Future<Void>> check, Runnable onBack) {
        RedisUrl parsed = RedisUrl.parse(url)
                .orElseThrow(() -> HeraldException.invalid("redis.url", "must be " + RedisUrl.FORMS));
        RedisGateway gateway = new RedisGateway(vertx, parsed, check, onBack);
        return gateway.connect().map(gateway).onSuccess(RedisGateway::watch);
    }

    @Override
    public Future<@Nullable Response> send(Request request) {
        return inFlight(1, live -> live.send(request));
    }

    @Override
    public Future<List<@Nullable Response>> sendToMasters(Request request) {
        return inFlight(1, live -> live.sendToMasters(request));
    }

    @Override
    public List<String> keysOfMasters(String name) {
        RedisLink live = link;
        return live == null ? List.of(name) : live.keysOfMasters(name);
    }

    /** Sends many calls in one write; fails as a whole if one call fails, though the others were carried out. */
    public Future<List<@Nullable Response>> sendAll(List<Request> requests) {
        return inFlight(requests.size(), live -> live.batch(requests));
    }

    /** The values of keys that need not share a hash tag, in their order; null for one that is not there. */
    public Future<List<@Nullable Response>> values(List<String> keys) {
        return keys.isEmpty() ? Future.succeededFuture(List.of()) : inFlight(keys.size(), live -> live.values(keys));
    }

    /**
     * Looks through some keys, on one master after the other.
     *
     * @param place where the page before ended, or an empty text
     * @param count of keys to look at, most of which may not match
     */
    public Future<KeyPage> keys(String pattern, String place, int count) {
        return inFlight(1, live -> live.keys(pattern, place, count));
    }

    /** Runs a script whose keys share one hash tag. */
    public Future<@Nullable Response> eval(RedisScript script, List<String> keys, Object... args) {
        return send(script.bySha(keys, args)).recover(cause -> {
            if (isUnknownScript(cause)) {
                return send(script.bySource(keys, args));
            }
            return Future.failedFuture(cause);
        });
    }

    /**
     * Runs a script once for each list of keys, in that order and in one write, which a call for each is not. It fails
     * as a whole if one run fails, though the others were carried out.
     */
    public Future<List<@Nullable Response>> evalEach(RedisScript script, List<List<String>> keys, Object... args) {
        return evalAll(
                script, keys.stream().map(each -> script.bySha(each, args)).toList());
    }

    /** The same with arguments of its own for each run. */
    public Future<List<@Nullable Response>> evalEach(RedisScript script, List<ScriptRun> runs) {
        return evalAll(
                script,
                runs.stream()
                        .map(run -> script.bySha(run.keys(), run.args().toArray()))
                        .toList());
    }

    /** @param args of the run that is made with these keys */
    public record ScriptRun(List<String> keys, List<Object> args) {}

    public boolean isConnected() {
        return link != null;
    }

    public Future<Void> close() {
        closed = true;
        RedisLink live = link;
        link = null;
        return live == null ? Future.succeededFuture() : live.close();
    }

    private Future<List<@Nullable Response>> evalAll(RedisScript script, List<Request> requests) {
        return inFlight(requests.size(), live -> live.batch(requests)).recover(cause -> {
            if (!isUnknownScript(cause)) {
                return Future.failedFuture(cause);
            }
            return sendToMasters(Request.cmd(Command.SCRIPT).arg("LOAD").arg(script.source()))
                    .compose(loaded -> inFlight(requests.size(), live -> live.batch(requests)));
        });
    }

    private static boolean isUnknownScript(Throwable cause) {
        return ServerLink.errors(cause).anyMatch(error -> error.startsWith("NOSCRIPT"));
    }

    private <T extends @Nullable Object> Future<T> inFlight(int calls, Function<RedisLink, Future<T>> work) {
        RedisLink live = link;
        if (live == null) {
            return Future.failedFuture(new HeraldException(Failure.UNAVAILABLE, "Redis is not connected"));
        }
        if (live.inFlight() + calls > MAX_IN_FLIGHT) {
            return Future.failedFuture(
                    new HeraldException(Failure.OVERLOADED, MAX_IN_FLIGHT + " Redis calls are in flight"));
        }
        return work.apply(live);
    }

    private Future<Void> connect() {
        return RedisLink.connect(vertx, url, this::lost).compose(live -> check.apply(live)
                .timeout(SILENCE.toMillis(), TimeUnit.MILLISECONDS)
                .recover(cause -> live.close().transform(done -> Future.failedFuture(cause)))
                .compose(checked -> admit(live)));
    }

    private Future<Void> admit(RedisLink live) {
        if (closed) {
            return live.close();
        }
        if (live.isCut()) {
            return Future.failedFuture(new HeraldException(Failure.UNAVAILABLE, "Redis connection was cut"));
        }
        link = live;
        backoff.reset();
        return Future.succeededFuture();
    }

    private void lost(RedisLink dead) {
        if (dead.equals(link)) {
            link = null;
            log.warn("redis connection lost, reconnecting");
            retry();
        }
    }

    private void retry() {
        vertx.setTimer(backoff.next().toMillis(), timer -> {
            if (!closed) {
                connect()
                        .onSuccess(connected -> {
                            log.info("redis connection is back");
                            onBack.run();
                        })
                        .onFailure(cause -> {
                            log.debug("redis connection is not back", cause);
                            retry();
                        });
            }
        });
    }

    /** A Redis that is frozen, or beyond a cut network, never closes: what waits for it must fail all the same. */
    private void watch() {
        vertx.setTimer(SILENCE.toMillis(), timer -> {
            if (!closed) {
                RedisLink live = link;
                if (live != null && live.isSilentSinceLastLook()) {
                    log.warn("redis has not answered for {}", SILENCE);
                    live.cut();
                } else if (live != null) {
                    live.confirm();
                }
                watch();
            }
        });
    }
}
