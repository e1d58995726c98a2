package dev.herald.webhook.post;

import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;

/**
 * Keeps all nodes together to an endpoint's requests per second: its row holds when the last allowed request begins, and
 * who wants to send books the next places behind that. Used on one context.
 */
final class Rate {
    private static final long DEADLINE_SECONDS = 5;
    private static final Duration AGAIN = Duration.ofSeconds(1);

    /** What was not used is lost after this: an idle endpoint is not owed a burst. */
    private static final String BOOK = """
            update webhook_endpoint
            set paced_until = greatest(paced_until, now()) + $2::int * interval '1 second' / $3::int
            where id = $1
            returning (extract(epoch from paced_until - now()) * 1000000)::bigint as last_micros""";

    private final Vertx vertx;
    private final SqlClient client;
    private final String endpoint;
    private final int perSecond;
    private final Deque<Promise<Void>> waiting = new ArrayDeque<>();
    private boolean booking;

    /** @param perSecond 0 for no bound */
    Rate(Vertx vertx, SqlClient client, String endpoint, int perSecond) {
        this.vertx = vertx;
        this.client = client;
        this.endpoint = endpoint;
        this.perSecond = perSecond;
    }

    /** Answers when a request may begin; fails if it is given up before. */
    Future<Void> acquire(Future<Void> abandon) {
        if (perSecond == 0) {
            return Future.succeededFuture();
        }
        Promise<Void> turn = Promise.promise();
        abandon.onSuccess(v -> turn.tryFail(new HeraldException(Failure.UNAVAILABLE, "the lane was given up")));
        waiting.add(turn);
        book();
        return turn.future();
    }

    private void book() {
        waiting.removeIf(turn -> turn.future().isComplete());
        if (booking || waiting.isEmpty()) {
            return;
        }
        booking = true;
        int places = Math.min(waiting.size(), perSecond);
        client.preparedQuery(BOOK)
                .execute(Tuple.of(endpoint, places, perSecond))
                .timeout(DEADLINE_SECONDS, TimeUnit.SECONDS)
                .onSuccess(rows -> {
                    booking = false;
                    rows.forEach(row -> give(places, row.getLong("last_micros")));
                    book();
                })
                .onFailure(cause -> vertx.setTimer(AGAIN.toMillis(), timer -> {
                    booking = false;
                    book();
                }));
    }

    /** The first may begin a place's time after the one before it. */
    private void give(int places, long lastMicros) {
        for (int place = 0; place < places && !waiting.isEmpty(); place++) {
            Promise<Void> turn = waiting.remove();
            long micros = lastMicros - TimeUnit.SECONDS.toMicros(places - place) / perSecond;
            long millis = TimeUnit.MICROSECONDS.toMillis(micros);
            if (millis <= 0) {
                turn.tryComplete();
            } else {
                vertx.setTimer(millis, timer -> turn.tryComplete());
            }
        }
    }
}
