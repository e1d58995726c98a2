package dev.herald.webhook.post;

import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import dev.herald.webhook.lane.Leases.Lease;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One request on its way: the status decides; of the answer's body a few bytes are kept for people to read. */
public final class Attempt {
    private static final Logger log = LoggerFactory.getLogger(Attempt.class);

    /** A longer answer costs the connection. */
    static final int MAX_ANSWER_BYTES = 65_536;

    public static final int KEPT_BYTES = 512;

    private final Vertx vertx;
    private final Clock clock;
    private final Limits limits;
    private final Lease lease;
    private final Promise<Outcome> result = Promise.promise();
    private final Buffer kept = Buffer.buffer();
    private @Nullable HttpClientRequest request;
    private @Nullable HttpClientResponse answered;
    private int answerBytes;

    /**
     * How long an attempt may take.
     *
     * @param connect until there is a connection
     * @param answer from then until the answer's status and headers
     * @param whole from the beginning until the answer's last byte
     */
    record Limits(Duration connect, Duration answer, Duration whole) {
        /** Whoever is there at all is so in a third of the time. */
        static Limits of(Duration whole) {
            Duration third = whole.dividedBy(3);
            return new Limits(third, third.multipliedBy(2), whole);
        }
    }

    /** @param lease abandons the attempt when it ends */
    Attempt(Vertx vertx, Clock clock, Limits limits, Lease lease) {
        this.vertx = vertx;
        this.clock = clock;
        this.limits = limits;
        this.lease = lease;
        lease.lost().onSuccess(v -> abandon());
    }

    /** Fails only if the attempt was abandoned. */
    Future<Outcome> outcome() {
        return result.future();
    }

    void start(Future<HttpClientRequest> connecting, Buffer body) {
        expire(limits.connect(), "no connection in time", () -> request == null);
        expire(limits.whole(), "timeout", () -> true);
        connecting.onFailure(this::fail).onSuccess(ready -> {
            request = ready;
            if (!lease.stands() || result.future().isComplete()) {
                cut();
                return;
            }
            expire(limits.answer(), "no answer in time", () -> answered == null);
            ready.response().onFailure(this::fail).onSuccess(this::read);
            ready.send(body).onFailure(this::fail);
        });
    }

    private void abandon() {
        if (result.tryFail(new HeraldException(Failure.UNAVAILABLE, "the lane was given up"))) {
            cut();
        }
    }

    private void expire(Duration limit, String reason, BooleanSupplier pending) {
        long timer = vertx.setTimer(limit.toMillis(), due -> {
            if (pending.getAsBoolean() && !result.future().isComplete()) {
                if (answered == null) {
                    result.tryComplete(Outcome.noAnswer(reason));
                } else {
                    finish(answered);
                }
                cut();
            }
        });
        result.future().onComplete(done -> vertx.cancelTimer(timer));
    }

    private void read(HttpClientResponse response) {
        if (answered != null) {
            return;
        }
        answered = response;
        response.exceptionHandler(cause -> finish(response));
        response.endHandler(end -> finish(response));
        response.handler(chunk -> {
            kept.appendBuffer(chunk.slice(0, Math.min(chunk.length(), KEPT_BYTES - kept.length())));
            answerBytes += chunk.length();
            if (answerBytes > MAX_ANSWER_BYTES) {
                finish(response);
                cut();
            }
        });
    }

    private void finish(HttpClientResponse response) {
        result.tryComplete(Outcome.of(
                response.statusCode(),
                RetryAfter.parse(response.getHeader("retry-after"), clock.instant()),
                kept.toString(StandardCharsets.UTF_8)));
    }

    private void fail(Throwable cause) {
        result.tryComplete(Outcome.noAnswer(
                cause instanceof HeraldException known
                        ? String.valueOf(known.getMessage())
                        : cause.getClass().getSimpleName() + ": " + cause.getMessage()));
    }

    private void cut() {
        HttpClientRequest sent = request;
        if (sent != null) {
            sent.reset().onFailure(cause -> log.debug("request was over already", cause));
        }
    }
}
