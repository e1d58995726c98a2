package dev.herald.api;

import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import dev.herald.lifecycle.InFlight;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes a route's handler of a function from call to reply: reads the body, bounds number, size and time, answers. */
final class Calls {
    private static final Logger log = LoggerFactory.getLogger(Calls.class);
    private static final int MAX_IN_FLIGHT = 1_024;
    private static final long DEADLINE_SECONDS = 15;
    private static final String JSON = "application/json; charset=utf-8";

    private final InFlight inFlight = new InFlight(MAX_IN_FLIGHT);
    private final int maxBodyBytes;

    Calls(int maxBodyBytes) {
        this.maxBodyBytes = maxBodyBytes;
    }

    Handler<RoutingContext> of(Function<Call, Future<Reply>> work) {
        return context -> inFlight.run(
                        () -> answer(context.request(), work).timeout(DEADLINE_SECONDS, TimeUnit.SECONDS))
                .onSuccess(reply -> write(context.response(), reply))
                .onFailure(cause -> write(context.response(), refusal(context, cause)));
    }

    /** Refuses new calls; the answer comes when those under way are done. */
    Future<Void> drain() {
        return inFlight.drain();
    }

    static void write(HttpServerResponse response, Reply reply) {
        if (response.ended() || response.closed()) {
            return;
        }
        reply.headers().forEach(response::putHeader);
        response.setStatusCode(reply.httpStatus());
        if (reply.body().length() > 0) {
            response.putHeader("Content-Type", JSON);
        }
        response.end(reply.body()).onFailure(cause -> log.debug("a caller left before its answer", cause));
    }

    static Reply refusal(RoutingContext context, Throwable cause) {
        Problem problem = Problem.of(cause);
        if (problem.isInternal()) {
            log.error(
                    "{} {} failed",
                    context.request().method(),
                    context.request().path(),
                    cause);
        }
        return problem.reply();
    }

    private Future<Reply> answer(HttpServerRequest request, Function<Call, Future<Reply>> work) {
        return body(request).compose(body -> work.apply(new Call(request, body)));
    }

    /** Takes any content type: WuKongIM's clients do not all name one. What exceeds the limit is read and dropped. */
    private Future<Buffer> body(HttpServerRequest request) {
        Promise<Buffer> whole = Promise.promise();
        Buffer body = Buffer.buffer();
        request.exceptionHandler(whole::tryFail);
        request.endHandler(end -> whole.tryComplete(body));
        request.handler(chunk -> {
            if (body.length() + chunk.length() > maxBodyBytes) {
                whole.tryFail(new HeraldException(
                        Failure.TOO_LARGE, "body: must not be longer than " + maxBodyBytes + " bytes"));
            } else {
                body.appendBuffer(chunk);
            }
        });
        return whole.future();
    }
}
