package dev.herald.api.http;

import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import dev.herald.lifecycle.InFlight;
import io.micrometer.core.instrument.Metrics;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a route's handler of a function from call to reply: reads the body, bounds number, size and time, knows repeats,
 * answers.
 */
final class Calls {
    private static final Logger log = LoggerFactory.getLogger(Calls.class);
    private static final int MAX_IN_FLIGHT = 1_024;

    /** What only asks is refused first, so that there is room for what has an effect. */
    private static final int MAX_ASKING = MAX_IN_FLIGHT * 3 / 4;

    private static final String JSON = "application/json; charset=utf-8";

    private final InFlight inFlight = new InFlight(MAX_IN_FLIGHT);
    private final int maxBodyBytes;
    private final Duration deadline;
    private final Once once;
    private final Contract contract;

    /** @param deadline from the first byte of a request to its answer */
    Calls(int maxBodyBytes, Duration deadline, Once once, Contract contract) {
        this.maxBodyBytes = maxBodyBytes;
        this.deadline = deadline;
        this.once = once;
        this.contract = contract;
    }

    /**
     * For what has an effect.
     *
     * @param work answers as the answer is kept for repeats
     * @param unseal makes of that what the caller is given
     */
    Handler<RoutingContext> changing(Function<Call, Future<Reply>> work, Function<Reply, Future<Reply>> unseal) {
        return handler(MAX_IN_FLIGHT, deadline, call -> once.run(call, keyed -> Future.succeededFuture(keyed)
                        .compose(work)
                        .otherwise(cause -> refusal(call.http(), cause)))
                .compose(unseal));
    }

    /**
     * For what only asks.
     *
     * @param longest wait that is no fault
     */
    Handler<RoutingContext> asking(Duration longest, Function<Call, Future<Reply>> work) {
        return handler(MAX_ASKING, deadline.plus(longest), work);
    }

    private Handler<RoutingContext> handler(int share, Duration limit, Function<Call, Future<Reply>> work) {
        return context -> inFlight.run(share, () -> answer(context, work)
                        .timeout(limit.toMillis(), TimeUnit.MILLISECONDS)
                        .otherwise(cause -> refusal(context.request(), cause))
                        .compose(reply -> write(context.response(), reply)))
                .onFailure(cause -> write(context.response(), refusal(context.request(), cause)));
    }

    /**
     * For answers that are written piece by piece, without a body to read; each piece has a deadline of its own. What
     * fails after the first byte ends the connection, so that nobody takes a part for the whole.
     */
    Handler<RoutingContext> streaming(Function<Call, Future<Void>> work) {
        return context -> inFlight.run(
                        MAX_ASKING,
                        () -> work.apply(
                                new Call(context.request(), operation(context), Map.of(), Buffer.buffer(), null)))
                .onFailure(cause -> {
                    if (context.response().headWritten()) {
                        log.debug("{} was cut short: {}", context.request().path(), cause.getMessage());
                        context.response().reset();
                    } else {
                        write(context.response(), refusal(context.request(), cause));
                    }
                });
    }

    /** Refuses new calls; the answer comes when those under way are done. */
    Future<Void> drain() {
        return inFlight.drain();
    }

    /** Done when the answer is sent, so that a stop does not close the connection before it; never fails. */
    static Future<Void> write(HttpServerResponse response, Reply reply) {
        if (response.ended() || response.closed()) {
            return Future.succeededFuture();
        }
        reply.headers().forEach(response::putHeader);
        response.setStatusCode(reply.httpStatus());
        if (reply.body().length() > 0) {
            response.putHeader("Content-Type", JSON);
        }
        return response.end(reply.body())
                .onFailure(cause -> log.debug("a caller left before its answer", cause))
                .otherwiseEmpty();
    }

    private static Reply refusal(HttpServerRequest request, Throwable cause) {
        Problem problem = Problem.of(cause);
        if (HeraldException.failureOf(cause) == Failure.OVERLOADED) {
            Metrics.counter("herald.overloaded", "part", "api").increment();
        }
        if (problem.isInternal()) {
            log.atError()
                    .addKeyValue("request", Access.requestId(request))
                    .addKeyValue("method", request.method())
                    .addKeyValue("path", request.path())
                    .setCause(cause)
                    .log("failed");
        }
        return problem.reply();
    }

    private Future<Reply> answer(RoutingContext context, Function<Call, Future<Reply>> work) {
        HttpServerRequest request = context.request();
        Operation operation = operation(context);
        return Body.of(request, maxBodyBytes)
                .compose(
                        body -> work.apply(new Call(request, operation, Map.copyOf(context.pathParams()), body, null)));
    }

    private Operation operation(RoutingContext context) {
        return Optional.ofNullable(context.currentRoute())
                .flatMap(route -> contract.operation(context.request().method().name(), route.getPath()))
                .orElse(Operation.UNDOCUMENTED);
    }
}
