package dev.herald.api.http;

import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import io.vertx.core.VertxException;
import io.vertx.core.http.ConnectionPoolTooBusyException;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.DatabaseException;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** What a caller is told of a failure: {@code {"msg":…,"status":…}}, and nothing of what only we should know. */
public record Problem(int status, String text, boolean retryable) {
    /** SQLSTATE classes that say "not now": connection, rollback by a conflict, resources, operator, system. */
    private static final Set<String> PASSING_CLASSES = Set.of("08", "40", "53", "57", "58");

    /** A server that lost its role answers so until the name points to the new one. */
    private static final String READ_ONLY_TRANSACTION = "25006";

    private static final int LONGEST_RETRY_SECONDS = 3;

    public static Problem of(Throwable cause) {
        return switch (cause) {
            case HeraldException known -> of(known);
            case ConnectionPoolTooBusyException busy ->
                of(Failure.OVERLOADED, "too many requests wait for the database");
            case DatabaseException error -> passes(error.getSqlState()) ? unavailable() : internal();
            case VertxException lost -> unavailable();
            case IOException lost -> unavailable();
            case TimeoutException late -> of(Failure.TIMEOUT, "the request took too long, it may or may not be done");
            default -> internal();
        };
    }

    private static Problem of(HeraldException known) {
        return known.failure() == Failure.INTERNAL
                ? internal()
                : of(known.failure(), String.valueOf(known.getMessage()));
    }

    public static Problem of(Failure failure, String text) {
        return new Problem(failure.httpStatus(), text, failure.retryable());
    }

    boolean isInternal() {
        return status == Failure.INTERNAL.httpStatus();
    }

    Reply reply() {
        Reply reply = Reply.json(status, JsonObject.of("msg", text, "status", status));
        return retryable ? reply.with("Retry-After", Integer.toString(retrySeconds())) : reply;
    }

    /** Uneven, so that those who were refused together do not come back together. */
    private static int retrySeconds() {
        return 1 + ThreadLocalRandom.current().nextInt(LONGEST_RETRY_SECONDS);
    }

    private static Problem unavailable() {
        return of(Failure.UNAVAILABLE, "the database does not answer, try again");
    }

    private static Problem internal() {
        return of(Failure.INTERNAL, "internal error");
    }

    private static boolean passes(@Nullable String sqlState) {
        return sqlState != null
                && sqlState.length() == 5
                && (PASSING_CLASSES.contains(sqlState.substring(0, 2)) || sqlState.equals(READ_ONLY_TRANSACTION));
    }
}
