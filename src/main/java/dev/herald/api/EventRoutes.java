package dev.herald.api;

import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.message.Done;
import dev.herald.eventlog.EventContents;
import dev.herald.eventlog.EventFeed;
import dev.herald.eventlog.EventFeed.Page;
import dev.herald.eventlog.EventType;
import dev.herald.eventlog.LoggedEvent;
import dev.herald.postgres.PgClients;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Beyond WuKongIM: the events that webhooks are sent, under the same ids, for back ends that fetch them. */
final class EventRoutes {
    private static final int MAX_LIMIT = 1_000;
    private static final int DEFAULT_LIMIT = 100;
    private static final int MAX_WAIT_SECONDS = 10;
    private static final int MAX_TEXT = 255;
    private static final String OLDEST = "oldest";

    /** A caller that waits looks at most so often. */
    private static final long PAUSE_MILLIS = 100;

    private final Vertx vertx;
    private final EventFeed feed;
    private final EventContents contents;
    private final List<Promise<Void>> waiting = new ArrayList<>();

    EventRoutes(Vertx vertx, Bus bus, PgClients pg) {
        this.vertx = vertx;
        this.feed = new EventFeed(pg.statements());
        this.contents = new EventContents(pg.statements());
        bus.serve(Addresses.EVENTS_ARRIVED, arrived -> {
            List<Promise<Void>> woken = List.copyOf(waiting);
            waiting.clear();
            woken.forEach(Promise::tryComplete);
            return Future.succeededFuture(Done.DONE);
        });
    }

    void mount(Router router, Calls calls) {
        router.get("/events").handler(calls.asking(this::pull));
    }

    private record Pull(String after, List<String> types, int limit, int waitSeconds) {}

    private Future<Reply> pull(Call call) {
        Pull pull = call.readQuery(
                fields -> new Pull(
                        fields.text("after", MAX_TEXT),
                        types(fields),
                        fields.integer("limit", 1, MAX_LIMIT, DEFAULT_LIMIT),
                        fields.integer("wait", 0, MAX_WAIT_SECONDS, 0)),
                "limit",
                "wait");
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(pull.waitSeconds);
        return begin(pull.after)
                .compose(cursor -> page(pull, cursor, until))
                .compose(page -> contents.read(page.events()).map(loaded -> reply(page, loaded)));
    }

    private Future<String> begin(String after) {
        if (after.equals(OLDEST)) {
            return feed.oldest();
        }
        return after.isEmpty() ? feed.now() : Future.succeededFuture(after);
    }

    private Future<Page> page(Pull pull, String cursor, long until) {
        return feed.after(cursor, pull.types, pull.limit).compose(page -> {
            long left = TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime());
            if (!page.events().isEmpty() || (left <= 0 && !page.more())) {
                return Future.succeededFuture(page);
            }
            // Nothing of these types in what was looked through: on from its end.
            return page.more()
                    ? page(pull, page.next(), until)
                    : arrival(left).compose(v -> page(pull, page.next(), until));
        });
    }

    /** Answers when something was recorded, or the time is over. */
    private Future<Void> arrival(long millis) {
        Promise<Void> arrived = Promise.promise();
        waiting.add(arrived);
        long timer = vertx.setTimer(Math.max(1, millis), over -> {
            waiting.remove(arrived);
            arrived.tryComplete();
        });
        return arrived.future().onComplete(done -> vertx.cancelTimer(timer)).compose(v -> vertx.timer(
                        Math.min(PAUSE_MILLIS, Math.max(1, millis)))
                .mapEmpty());
    }

    private static List<String> types(Fields fields) {
        String text = fields.text("types", MAX_LIMIT);
        if (text.isEmpty()) {
            return EventType.outside().stream().map(EventType::value).toList();
        }
        List<String> types = EventType.matching(List.of(text.split(" *, *"))).stream()
                .filter(type -> !type.equals(EventType.MESSAGE_PASSED.value()))
                .toList();
        if (types.isEmpty()) {
            fields.refuse("types", "must be names of events, which may end with *, separated by commas");
        }
        return types;
    }

    private static Reply reply(Page page, EventContents.Contents loaded) {
        JsonArray events = new JsonArray();
        page.events().forEach(event -> events.add(envelope(event, loaded)));
        return Reply.data(JsonObject.of("events", events, "next", page.next(), "more", page.more() ? 1 : 0));
    }

    /** What cannot be shown is not left out: its id is there, and data is null. */
    private static JsonObject envelope(LoggedEvent event, EventContents.Contents loaded) {
        try {
            return loaded.envelope(event);
        } catch (RuntimeException e) {
            return JsonObject.of(
                            "id",
                            event.id(),
                            "type",
                            event.type(),
                            "timestamp",
                            event.createdAt().toString())
                    .putNull("data");
        }
    }
}
