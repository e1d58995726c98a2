package dev.herald.api.webhook;

import dev.herald.api.http.Call;
import dev.herald.api.http.Fields;
import dev.herald.api.http.Reply;
import dev.herald.api.http.Routes;
import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.message.Done;
import dev.herald.endpoint.Attempts;
import dev.herald.endpoint.DeadLetters;
import dev.herald.endpoint.DeadLetters.Filter;
import dev.herald.endpoint.DeadLetters.Letter;
import dev.herald.endpoint.Endpoints;
import dev.herald.eventlog.LoggedEvent;
import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import dev.herald.postgres.PgClients;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Beyond WuKongIM: what was sent to an endpoint, and what it could not be given. */
final class DeliveryRoutes {
    private static final int MAX_PAGE = 1_000;
    private static final int DEFAULT_PAGE = 100;
    private static final int MAX_IDS = 1_000;
    private static final int MAX_TEXT = 255;

    private final Bus bus;
    private final Endpoints endpoints;
    private final DeadLetters letters;
    private final Attempts attempts;

    DeliveryRoutes(Bus bus, PgClients pg) {
        this.bus = bus;
        this.endpoints = new Endpoints(pg);
        this.letters = new DeadLetters(pg);
        this.attempts = new Attempts(pg);
    }

    void mount(Routes routes) {
        routes.get("/webhooks/:id/attempts", this::attempts);
        routes.get("/webhooks/:id/dead-letters", this::list);
        routes.get("/webhooks/:id/dead-letters/:event", this::read);
        routes.post("/webhooks/:id/dead-letters/replay", this::replay);
        routes.post("/webhooks/:id/dead-letters/:event/replay", this::replayOne);
    }

    private Future<Reply> attempts(Call call) {
        record Page(long before, boolean failedOnly, int limit) {}
        Page page = call.readQuery(fields -> new Page(
                fields.number("before", 1, Long.MAX_VALUE, Long.MAX_VALUE),
                fields.integer("failed", 0, 1, 0) == 1,
                fields.integer("limit", 1, MAX_PAGE, DEFAULT_PAGE)));
        return WebhookRoutes.reader(endpoints, call)
                .compose(endpoint -> attempts.list(endpoint.id(), page.before, page.failedOnly, page.limit))
                .map(made -> Reply.data(JsonObject.of("attempts", Reply.array(made, WebhookJson::of))));
    }

    private Future<Reply> list(Call call) {
        record Page(Filter filter, long after, int limit) {}
        Page page = call.readQuery(fields -> new Page(
                filter(fields, Optional.empty()),
                fields.has("after") ? number(fields, "after") : 0,
                fields.integer("limit", 1, MAX_PAGE, DEFAULT_PAGE)));
        return WebhookRoutes.reader(endpoints, call)
                .compose(endpoint -> letters.list(endpoint.id(), page.filter, page.after, page.limit + 1))
                .map(found -> {
                    boolean more = found.size() > page.limit;
                    List<Letter> shown = more ? found.subList(0, page.limit) : found;
                    return Reply.data(JsonObject.of(
                            "dead_letters", Reply.array(shown, WebhookJson::of), "more", Reply.bit(more)));
                });
    }

    private Future<Reply> read(Call call) {
        return WebhookRoutes.reader(endpoints, call)
                .compose(endpoint -> letters.list(endpoint.id(), Filter.of(event(call)), -1, 1))
                .map(found ->
                        Reply.data(WebhookJson.of(found.stream().findFirst().orElseThrow(DeliveryRoutes::unknown))));
    }

    /** Asking for all of them takes an empty object, so that nobody does it by accident. */
    private Future<Reply> replay(Call call) {
        Filter filter = call.read(fields -> filter(fields, ids(fields)));
        return WebhookRoutes.reader(endpoints, call)
                .compose(endpoint -> letters.replay(endpoint.id(), filter))
                .map(this::replayed);
    }

    private Future<Reply> replayOne(Call call) {
        return WebhookRoutes.reader(endpoints, call)
                .compose(endpoint -> letters.list(endpoint.id(), Filter.of(event(call)), -1, 1)
                        .map(found -> found.stream().findFirst().orElseThrow(DeliveryRoutes::unknown))
                        .compose(found -> letters.replay(endpoint.id(), Filter.of(event(call)))))
                .map(this::replayed);
    }

    private Reply replayed(int count) {
        bus.publish(Addresses.WEBHOOKS_CHANGED, Done.DONE);
        return Reply.data(JsonObject.of("replayed", count, "more", Reply.bit(count == DeadLetters.MOST_REPLAYED)));
    }

    private static Filter filter(Fields fields, Optional<List<Long>> ids) {
        return new Filter(
                orNull(WebhookFields.eventType(fields, "type")),
                orNull(fields.text("key", MAX_TEXT)),
                time(fields, "since"),
                time(fields, "until"),
                orNull(fields.text("text", MAX_TEXT)),
                ids);
    }

    private static Optional<List<Long>> ids(Fields fields) {
        if (!fields.has("ids")) {
            return Optional.empty();
        }
        List<Long> numbers = new ArrayList<>();
        if (fields.raw("ids") instanceof JsonArray array && array.size() <= MAX_IDS) {
            array.forEach(id -> numbers.add(id instanceof String text ? LoggedEvent.number(text) : -1));
            if (!numbers.contains(-1L)) {
                return Optional.of(numbers);
            }
        }
        fields.refuse("ids", "must be an array of at most " + MAX_IDS + " ids of events");
        return Optional.empty();
    }

    private static long number(Fields fields, String name) {
        long number = LoggedEvent.number(fields.text(name, MAX_TEXT));
        if (number < 0) {
            fields.refuse(name, "must be the id of an event");
        }
        return number;
    }

    private static @Nullable Instant time(Fields fields, String name) {
        try {
            return fields.has(name) ? Instant.parse(fields.text(name, MAX_TEXT)) : null;
        } catch (DateTimeParseException e) {
            fields.refuse(name, "must be a time like 2026-11-22T10:00:00Z");
            return null;
        }
    }

    private static long event(Call call) {
        long number = LoggedEvent.number(call.part("event"));
        if (number < 0) {
            throw unknown();
        }
        return number;
    }

    private static @Nullable String orNull(String text) {
        return text.isEmpty() ? null : text;
    }

    private static HeraldException unknown() {
        return new HeraldException(Failure.NOT_FOUND, "no such dead letter");
    }
}
