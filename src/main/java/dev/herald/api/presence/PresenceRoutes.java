package dev.herald.api.presence;

import dev.herald.api.event.ChangeWaits;
import dev.herald.api.event.Cursors;
import dev.herald.api.http.Call;
import dev.herald.api.http.Fields;
import dev.herald.api.http.Reply;
import dev.herald.api.http.Routes;
import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.message.PresenceMessage.StatusQuery;
import dev.herald.eventlog.EventFeed;
import dev.herald.eventlog.EventFeed.Page;
import dev.herald.eventlog.LoggedEvent;
import dev.herald.eventlog.Position;
import dev.herald.presencelog.PresenceJson;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
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

    void mount(Routes routes) {
        routes.query("/presence/query", this::query);
        routes.waiting("/presence/changes", LONGEST_WAIT, this::changes);
    }

    private Future<Reply> query(Call call) {
        List<String> uids = List.copyOf(call.read(fields -> fields.requiredUids("users", MAX_USERS)));
        return bus.request(Addresses.STATUS_QUERY, new StatusQuery(uids))
                .map(answer -> Reply.data(
                        JsonObject.of("users", Reply.array(answer.users(), user -> PresenceJson.status(user, true)))));
    }

    /**
     * @param after empty if the caller has no place yet
     * @param patience for changes if there are none
     */
    private record Wanted(Optional<Position> after, int limit, boolean devices, Duration patience) {}

    private Future<Reply> changes(Call call) {
        Wanted wanted = call.readQuery(PresenceRoutes::wanted);
        return wanted.after
                .map(from -> waits.read(
                        from,
                        wanted.patience,
                        call.http().response(),
                        after -> feed.presenceAfter(after, wanted.limit, wanted.devices)))
                .orElseGet(() -> feed.now().map(now -> new Page(List.of(), now, false)))
                .map(PresenceRoutes::reply);
    }

    private static Wanted wanted(Fields fields) {
        return new Wanted(
                Cursors.after(fields),
                fields.integer("limit", 1, MAX_PAGE, MAX_PAGE),
                fields.integer("devices", 0, 1, 0) == 1,
                Duration.ofSeconds(fields.number("wait", 0, LONGEST_WAIT.toSeconds(), 0)));
    }

    private static Reply reply(Page page) {
        return Reply.data(JsonObject.of(
                "changes",
                Reply.array(page.events(), LoggedEvent::json),
                "cursor",
                page.next().text(),
                "more",
                Reply.bit(page.more())));
    }
}
