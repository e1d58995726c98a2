package dev.herald.api;

import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.message.PresenceMessage.StatusQuery;
import dev.herald.presencelog.FeedCursor;
import dev.herald.presencelog.PresenceFeed;
import dev.herald.presencelog.PresenceFeed.Page;
import dev.herald.presencelog.PresenceJson;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.sqlclient.SqlClient;
import java.time.Duration;
import java.util.List;

/** Beyond WuKongIM: how users stand, and what changes. */
final class PresenceRoutes {
    static final int MAX_USERS = 1_000;
    private static final int MAX_PAGE = 1_000;
    private static final int MAX_CURSOR = 64;
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(60);

    private final Bus bus;
    private final SqlClient statements;
    private final ChangeWaits waits;

    PresenceRoutes(Bus bus, SqlClient statements, ChangeWaits waits) {
        this.bus = bus;
        this.statements = statements;
        this.waits = waits;
    }

    void mount(Router router, Calls calls) {
        router.post("/presence/query").handler(calls.asking(this::query));
        router.get("/presence/changes").handler(calls.waiting(LONGEST_WAIT, this::changes));
    }

    private Future<Reply> query(Call call) {
        List<String> uids = List.copyOf(call.read(fields -> fields.requiredUids("users", MAX_USERS)));
        return bus.request(Addresses.STATUS_QUERY, new StatusQuery(uids)).map(answer -> {
            JsonArray users = new JsonArray();
            answer.users().forEach(user -> users.add(PresenceJson.status(user, true)));
            return Reply.data(JsonObject.of("users", users));
        });
    }

    /**
     * @param begins true if the caller has no place yet
     * @param waitUntil by {@link System#nanoTime}
     */
    private record Wanted(boolean begins, FeedCursor after, int limit, boolean devices, long waitUntil) {
        Wanted after(FeedCursor place) {
            return new Wanted(false, place, limit, devices, waitUntil);
        }

        long waitNanos() {
            return waitUntil - System.nanoTime();
        }
    }

    private Future<Reply> changes(Call call) {
        Wanted wanted = call.readQuery(PresenceRoutes::wanted, "limit", "wait", "devices");
        if (wanted.begins) {
            return PresenceFeed.now(statements).map(now -> reply(new Page(List.of(), now), wanted));
        }
        return read(call, wanted).map(page -> reply(page, wanted));
    }

    private static Wanted wanted(Fields fields) {
        String text = fields.text("after", MAX_CURSOR);
        FeedCursor after = FeedCursor.parse(text).orElse(new FeedCursor(0, 0));
        if (fields.has("after") && FeedCursor.parse(text).isEmpty()) {
            fields.refuse("after", "must be a cursor that a snapshot or a page of changes gave");
        }
        int limit = fields.integer("limit", 1, MAX_PAGE, MAX_PAGE);
        long wait = fields.number("wait", 0, LONGEST_WAIT.toSeconds(), 0);
        boolean devices = fields.integer("devices", 0, 1, 0) == 1;
        return new Wanted(
                !fields.has("after"),
                after,
                limit,
                devices,
                System.nanoTime() + Duration.ofSeconds(wait).toNanos());
    }

    private Future<Page> read(Call call, Wanted wanted) {
        return PresenceFeed.read(statements, wanted.after, wanted.limit, wanted.devices)
                .compose(page -> {
                    if (!page.changes().isEmpty() || wanted.waitNanos() <= 0) {
                        return Future.succeededFuture(page);
                    }
                    Duration left = Duration.ofNanos(wanted.waitNanos());
                    return waits.await(page.next(), left, call.http().response())
                            .compose(woken -> waits.isStopped()
                                    ? Future.succeededFuture(page)
                                    : read(call, wanted.after(page.next())));
                });
    }

    private static Reply reply(Page page, Wanted wanted) {
        return Reply.data(JsonObject.of(
                "changes",
                new JsonArray(page.changes()),
                "cursor",
                page.next().text(),
                "more",
                page.changes().size() < wanted.limit ? 0 : 1));
    }
}
