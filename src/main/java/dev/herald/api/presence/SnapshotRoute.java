package dev.herald.api.presence;

import dev.herald.api.http.Routes;
import dev.herald.eventlog.EventFeed;
import dev.herald.lifecycle.InFlight;
import dev.herald.presencelog.PresenceJson;
import dev.herald.presencelog.PresenceLog;
import dev.herald.presencelog.UserPresence;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.SqlClient;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Everybody who is online, a line each. The cursor is taken before the first page is read: what a page does not show yet
 * comes after it in the feed. A page is read when the one before was taken, so a slow caller costs one page of memory.
 */
final class SnapshotRoute {
    private static final int PAGE = 1_000;

    /** Of one instance. */
    private static final int BOUND = 4;

    private static final Duration PIECE = Duration.ofSeconds(30);
    private static final String NDJSON = "application/x-ndjson";

    private final SqlClient statements;
    private final InFlight streams = new InFlight(BOUND);

    SnapshotRoute(SqlClient statements) {
        this.statements = statements;
    }

    void mount(Routes routes) {
        routes.streaming(
                "/presence/snapshot",
                call -> streams.run(() -> stream(call.http().response())));
    }

    private Future<Void> stream(HttpServerResponse response) {
        return new EventFeed(statements).now().compose(start -> {
            response.putHeader("Content-Type", NDJSON).setChunked(true);
            Promise<Void> written = Promise.promise();
            Buffer head = line(new JsonObject().put("cursor", start.text()));
            new Stream(response, start.text(), written).write(head, "");
            return written.future();
        });
    }

    private static Buffer line(JsonObject json) {
        return json.toBuffer().appendString("\n");
    }

    /** One answer under way. */
    private final class Stream {
        private final HttpServerResponse response;
        private final String cursor;
        private final Promise<Void> written;
        private long users;

        Stream(HttpServerResponse response, String cursor, Promise<Void> written) {
            this.response = response;
            this.cursor = cursor;
            this.written = written;
        }

        /** @param last uid that is written with these lines */
        void write(Buffer lines, String last) {
            response.write(lines)
                    .compose(taken -> PresenceLog.online(statements, last, PAGE))
                    .timeout(PIECE.toMillis(), TimeUnit.MILLISECONDS)
                    .onSuccess(this::page)
                    .onFailure(written::tryFail);
        }

        private void page(List<UserPresence> page) {
            if (page.isEmpty()) {
                JsonObject end =
                        new JsonObject().put("end", true).put("users", users).put("cursor", cursor);
                response.end(line(end)).onComplete(written);
                return;
            }
            users += page.size();
            Buffer lines = Buffer.buffer();
            page.forEach(user -> lines.appendBuffer(line(PresenceJson.told(user))));
            write(lines, page.getLast().uid());
        }
    }
}
