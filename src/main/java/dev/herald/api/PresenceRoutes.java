package dev.herald.api;

import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.message.PresenceMessage.StatusQuery;
import dev.herald.eventlog.EventFeed;
import dev.herald.eventlog.EventFeed.Page;
import dev.herald.eventlog.LoggedEvent;
import dev.herald.eventlog.Position;
import dev.herald.presencelog.PresenceJson;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Beyond WuKongIM: how users stand, and what changes. */
final class PresenceRoutes {
    static final int MAX_USERS = 1_000;
    private static final int MAX_PAGE = 1_000;
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(60);

    private final Bus bus;
    private final EventFeed feed;
    private final ChangeWaits waits;

    PresenceRoutes(Bus bus, EventFeed feed, ChangeWaits waits) {
        this.bus = bus;
        this.feed = feed;
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
     * @param after empty if the caller has no place yet
     * @param waitUntil by {@link System#nanoTime}
     */
    private record Wanted(Optional<Position> after, int limit, boolean devices, long waitUntil) {
        long waitNanos() {
            return waitUntil - System.nanoTime();
        }
    }

    private Future<Reply> changes(Call call) {
        Wanted wanted = call.readQuery(PresenceRoutes::wanted, "limit", "wait", "devices");
        return wanted.after
                .map(after -> read(call, wanted, after))
                .orElseGet(() -> feed.now().map(now -> new Page(List.of(), now, false)))
                .map(PresenceRoutes::reply);
    }

    private static Wanted wanted(Fields fields) {
        int limit = fields.integer("limit", 1, MAX_PAGE, MAX_PAGE);
        long wait = fields.number("wait", 0, LONGEST_WAIT.toSeconds(), 0);
        boolean devices = fields.integer("devices", 0, 1, 0) == 1;
        return new Wanted(
                Cursors.after(fields),
                limit,
                devices,
                System.nanoTime() + Duration.ofSeconds(wait).toNanos());
    }

    private Future<Page> read(Call call, Wanted wanted, Position after) {
        return feed.presenceAfter(after, wanted.limit, wanted.devices).compose(page -> {
            if (!page.events().isEmpty() || wanted.waitNanos() <= 0) {
                return Future.succeededFuture(page);
            }
            Duration left = Duration.ofNanos(wanted.waitNanos());
            return waits.await(page.next(), left, call.http().response())
                    .compose(woken ->
                            waits.isStopped() ? Future.succeededFuture(page) : read(call, wanted, page.next()));
        });
    }

    private static Reply reply(Page page) {
        return Reply.data(JsonObject.of(
                "changes",
                new JsonArray(page.events().stream().map(LoggedEvent::json).toList()),
                "cursor",
                page.next().text(),
                "more",
                page.more() ? 1 : 0));
    }
}
