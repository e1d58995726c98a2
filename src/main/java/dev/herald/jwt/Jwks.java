package dev.herald.jwt;

import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import dev.herald.lifecycle.Periodic;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys that an issuer publishes: read again on a timer, and when a token names one that is not known. While the
 * issuer does not answer, those that were read last are good for a day.
 */
final class Jwks implements JwtCheck.KeySource {
    private static final Logger log = LoggerFactory.getLogger(Jwks.class);
    private static final Duration REFRESH = Duration.ofMinutes(5);
    private static final Duration DEADLINE = Duration.ofSeconds(5);
    private static final int MAX_BYTES = 256 * 1024;
    private static final int OK = 200;

    private static final Duration GOOD_FOR = Duration.ofHours(24);

    private final Vertx vertx;
    private final RequestOptions request;
    private final HttpClient client;
    private final MeterRegistry meters;
    private final Duration pause;
    private final Periodic refresh;

    private @Nullable Keys known;
    private long readAt;
    private long triedAt;
    private @Nullable Future<Boolean> underWay;

    private Jwks(Vertx vertx, String url, MeterRegistry meters, Duration pause) {
        this.vertx = vertx;
        this.meters = meters;
        this.pause = pause;
        this.request = new RequestOptions()
                .setMethod(HttpMethod.GET)
                .setAbsoluteURI(url)
                .setTimeout(DEADLINE.toMillis())
                .putHeader("Accept", "application/json");
        this.client = vertx.createHttpClient(new HttpClientOptions().setConnectTimeout((int) DEADLINE.toMillis()));
        this.refresh = Periodic.start(vertx, "keys of the issuer", REFRESH, this::read);
    }

    /**
     * Reads them for the first time, too.
     *
     * @param pause between two reads for unknown keys, however many tokens name such
     */
    static Jwks follow(Vertx vertx, String url, MeterRegistry meters, Duration pause) {
        Jwks keys = new Jwks(vertx, url, meters, pause);
        keys.read();
        return keys;
    }

    @Override
    public Future<Keys> find(Optional<String> id) {
        if (has(id)) {
            return usable();
        }
        Future<Boolean> looked = mayTry() ? read() : Future.succeededFuture(false);
        return looked.compose(read -> read || has(id) ? usable() : unknown());
    }

    @Override
    public Future<Void> stop() {
        return refresh.stop().eventually(client::close);
    }

    private boolean has(Optional<String> id) {
        return known != null && id.map(known.ids()::contains).orElse(true);
    }

    private boolean mayTry() {
        return underWay != null || System.nanoTime() - triedAt >= pause.toNanos();
    }

    private Future<Keys> usable() {
        return known != null && System.nanoTime() - readAt < GOOD_FOR.toNanos()
                ? Future.succeededFuture(known)
                : unknown();
    }

    /** Nobody is refused for good by what may be out of date. */
    private static Future<Keys> unknown() {
        return Future.failedFuture(new HeraldException(Failure.UNAVAILABLE, "the keys of the issuer are not known"));
    }

    /** Whether it could. Never fails: why not is logged, and it is tried again by the timer. */
    private Future<Boolean> read() {
        if (underWay != null) {
            return underWay;
        }
        triedAt = System.nanoTime();
        Future<Boolean> reading = client.request(request)
                .compose(it -> it.send().compose(Jwks::body))
                .timeout(DEADLINE.toMillis(), TimeUnit.MILLISECONDS)
                .map(body -> Keys.published(vertx, body.toJsonObject()))
                .onSuccess(this::take)
                .onFailure(this::complain)
                .transform(done -> Future.succeededFuture(done.succeeded()));
        underWay = reading;
        return reading.onComplete(done -> underWay = null);
    }

    private static Future<Buffer> body(HttpClientResponse response) {
        if (response.statusCode() != OK) {
            response.request().reset();
            return Future.failedFuture("it answered " + response.statusCode());
        }
        Buffer body = Buffer.buffer();
        response.handler(chunk -> {
            if (body.length() <= MAX_BYTES) {
                body.appendBuffer(chunk);
            } else {
                response.request().reset();
            }
        });
        return response.end().map(end -> body);
    }

    private void take(Keys keys) {
        known = keys;
        readAt = System.nanoTime();
        meters.counter("herald.jwks.reads", "result", "ok").increment();
    }

    private void complain(Throwable cause) {
        meters.counter("herald.jwks.reads", "result", "failed").increment();
        log.warn("client.jwt.jwks={} could not be read: {}", request.getURI(), cause.getMessage());
    }
}
