package dev.herald.api.http;

import dev.herald.api.http.IdempotencyKeys.Claim;
import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import io.vertx.core.Future;
import io.vertx.core.http.HttpMethod;
import io.vertx.sqlclient.SqlClient;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers a repeat of a keyed request as the first was answered. The answer is stored before it is given, and where the
 * effect is one transaction, in that ({@link Call#noted}). Where it is not, and the node dies between effect and answer, the
 * next run does it all again: messages and commands are known by the number that the key gives them.
 */
final class Once {
    private static final Logger log = LoggerFactory.getLogger(Once.class);
    private static final int SERVER_ERRORS = 500;

    private final IdempotencyKeys keys;

    Once(IdempotencyKeys keys) {
        this.keys = keys;
    }

    /** @param work never fails: what goes wrong is a reply, too */
    Future<Reply> run(Call call, Function<Call, Future<Reply>> work) {
        if (call.header(KeyedRequest.HEADER) == null || call.http().method().equals(HttpMethod.GET)) {
            return work.apply(call);
        }
        KeyedRequest request = KeyedRequest.of(call);
        return keys.claim(request).compose(claim -> switch (claim) {
            case Claim.Ours ours ->
                work.apply(call.in(new Call.Run(
                                request.number(), ours.first(), (tx, reply) -> note(tx, request, ours, reply))))
                        .compose(reply -> settle(request, ours, reply));
            case Claim.Answered before -> Future.succeededFuture(before.reply().with("Idempotency-Replayed", "true"));
            case Claim.UnderWay underWay -> Future.succeededFuture(conflict("the first request is under way", true));
            case Claim.OtherRequest other -> Future.succeededFuture(conflict("belongs to another request", false));
        });
    }

    private Future<Void> note(SqlClient tx, KeyedRequest request, Claim.Ours ours, Reply reply) {
        return keys.answer(tx, request, ours, reply)
                .compose(noted -> noted
                        ? Future.succeededFuture()
                        : Future.failedFuture(new HeraldException(
                                Failure.CONFLICT, KeyedRequest.HEADER + ": a later run has taken it")));
    }

    /** What could not be noted is answered all the same: it is done, and its repeat will be known as one. */
    private Future<Reply> settle(KeyedRequest request, Claim.Ours ours, Reply reply) {
        boolean stands = reply.httpStatus() < SERVER_ERRORS;
        Future<?> noted = stands ? keys.answer(request, ours, reply) : keys.free(request, ours);
        return noted.onFailure(cause -> log.warn("an answer to a keyed request was not noted", cause))
                .map(reply)
                .otherwise(reply);
    }

    private static Reply conflict(String text, boolean retryable) {
        return new Problem(Failure.CONFLICT.httpStatus(), KeyedRequest.HEADER + ": " + text, retryable).reply();
    }
}
