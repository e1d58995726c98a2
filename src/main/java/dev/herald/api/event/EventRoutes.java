package dev.herald.api.event;

import dev.herald.api.http.Call;
import dev.herald.api.http.Fields;
import dev.herald.api.http.Reply;
import dev.herald.api.http.Routes;
import dev.herald.eventlog.EventContents;
import dev.herald.eventlog.EventFeed;
import dev.herald.eventlog.EventFeed.Page;
import dev.herald.eventlog.EventType;
import dev.herald.eventlog.LoggedEvent;
import dev.herald.eventlog.Position;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Beyond WuKongIM: the events that webhooks are sent, under the same ids, for back ends that fetch them. */
final class EventRoutes {
    private static final int MAX_LIMIT = 1_000;
    private static final int DEFAULT_LIMIT = 100;
    private static final int MAX_WAIT_SECONDS = 10;
    private static final String OLDEST = "oldest";

    private final EventFeed feed;
    private final EventContents contents;
    private final ChangeWaits waits;

    EventRoutes(EventFeed feed, EventContents contents, ChangeWaits waits) {
        this.feed = feed;
        this.contents = contents;
        this.waits = waits;
    }

    void mount(Routes routes) {
        routes.get("/events", this::pull);
    }

    /**
     * @param after empty for what is recorded from now on
     * @param patience for events if there are none
     */
    private record Pull(boolean oldest, Optional<Position> after, List<String> types, int limit, Duration patience) {}

    private Future<Reply> pull(Call call) {
        Pull pull = call.readQuery(EventRoutes::pull);
        return begin(pull)
                .compose(from -> waits.read(
                        from,
                        pull.patience,
                        call.http().response(),
                        after -> feed.after(after, pull.types, pull.limit)))
                .compose(page -> contents.read(page.events()).map(loaded -> reply(page, loaded)));
    }

    private static Pull pull(Fields fields) {
        boolean oldest = OLDEST.equals(fields.raw("after"));
        return new Pull(
                oldest,
                oldest ? Optional.empty() : Cursors.after(fields),
                types(fields),
                fields.integer("limit", 1, MAX_LIMIT, DEFAULT_LIMIT),
                Duration.ofSeconds(fields.integer("wait", 0, MAX_WAIT_SECONDS, 0)));
    }

    private Future<Position> begin(Pull pull) {
        if (pull.oldest) {
            return feed.oldest();
        }
        return pull.after.map(Future::succeededFuture).orElseGet(feed::now);
    }

    private static List<String> types(Fields fields) {
        String text = fields.text("types", MAX_LIMIT);
        if (text.isEmpty()) {
            return EventType.ofOutside();
        }
        List<String> types = EventType.matching(List.of(text.split(" *, *"))).stream()
                .filter(type -> !type.equals(EventType.MESSAGE_PASSED.value()))
                .toList();
        if (types.isEmpty()) {
            fields.refuse("types", "must be names of events, which may end with *, separated by commas");
        }
        return types;
    }

    /** Ends where the rest would be too much for one answer. */
    private static Reply reply(Page read, EventContents.Contents loaded) {
        List<LoggedEvent> held = read.events().stream().takeWhile(loaded::holds).toList();
        boolean cut = held.size() < read.events().size();
        Page page = cut ? new Page(held, held.getLast().at(), true) : read;
        JsonArray events = Reply.array(page.events(), event -> event.envelope(shown(event, loaded)));
        return Reply.data(JsonObject.of("events", events, "next", page.next().text(), "more", Reply.bit(page.more())));
    }

    /** What cannot be shown is not left out: its id is there, and data is null. */
    private static @Nullable JsonObject shown(LoggedEvent event, EventContents.Contents loaded) {
        try {
            return loaded.of(event);
        } catch (RuntimeException e) {
            return null;
        }
    }
}
