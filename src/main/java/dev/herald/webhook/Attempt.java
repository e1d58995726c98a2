package dev.herald.webhook;

import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import java.time.Clock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One request on its way: the status decides, the answer's body is read only to keep the connection usable. */
final class Attempt {
    private static final Logger log = LoggerFactory.getLogger(Attempt.class);

    /** A longer answer costs the connection. */
    static final int MAX_ANSWER_BYTES = 65_536;

    private final Clock clock;
    private final Promise<Outcome> result = Promise.promise();
    private @Nullable HttpClientRequest request;
    private @Nullable Outcome answered;
    private int answerBytes;

    Attempt(Clock clock) {
        this.clock = clock;
    }

    /** Fails only if the attempt was abandoned. */
    Future<Outcome> outcome() {
        return result.future();
    }

    void start(Future<HttpClientRequest> connecting, Buffer body) {
        connecting.onFailure(this::fail).onSuccess(ready -> {
            request = ready;
            if (result.future().isComplete()) {
                cut();
                return;
            }
            ready.send(body).onFailure(this::fail).onSuccess(this::read);
        });
    }

    void timeOut() {
        finish(answered == null ? Outcome.noAnswer("timeout") : answered);
        cut();
    }

    void abandon() {
        if (result.tryFail(new HeraldException(Failure.UNAVAILABLE, "the lane was given up"))) {
            cut();
        }
    }

    private void read(HttpClientResponse response) {
        Outcome outcome =
                Outcome.of(response.statusCode(), RetryAfter.parse(response.getHeader("retry-after"), clock.instant()));
        answered = outcome;
        response.exceptionHandler(cause -> finish(outcome));
        response.endHandler(end -> finish(outcome));
        response.handler(chunk -> {
            answerBytes += chunk.length();
            if (answerBytes > MAX_ANSWER_BYTES) {
                finish(outcome);
                cut();
            }
        });
    }

    private void fail(Throwable cause) {
        finish(Outcome.noAnswer(cause.getClass().getSimpleName() + ": " + cause.getMessage()));
    }

    private void finish(Outcome outcome) {
        result.tryComplete(outcome);
    }

    private void cut() {
        HttpClientRequest sent = request;
        if (sent != null) {
            sent.reset().onFailure(cause -> log.debug("request was over already", cause));
        }
    }
}
