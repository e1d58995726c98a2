package dev.herald.api.message;

import dev.herald.api.http.Call;
import dev.herald.api.http.Fields;
import dev.herald.api.http.Reply;
import dev.herald.api.http.Routes;
import dev.herald.messagelog.LogChannel;
import dev.herald.messagelog.LogChannels;
import dev.herald.messagelog.MessageLog;
import dev.herald.messagelog.Page;
import dev.herald.messagelog.Window;
import dev.herald.model.Delivery;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.List;

/** The messages of one channel in their order (wukong-interfaces sections 3.4 and 9.5). */
final class HistoryRoutes {
    /** As WuKongIM has it, a higher limit is the same as this one. */
    private static final int MAX_LIMIT = 10_000;

    private static final int UP = 1;
    private static final int MAX_MODE_BYTES = 64;
    private static final String FULL = "full";
    private static final int NOT_FOUND = 404;

    private final LogChannels channels;
    private final MessageLog log;
    private final MessageForms forms;

    HistoryRoutes(LogChannels channels, MessageLog log, MessageForms forms) {
        this.channels = channels;
        this.log = log;
        this.forms = forms;
    }

    void mount(Routes routes) {
        routes.query("/channel/messagesync", this::sync);
        routes.get("/channel/max_message_seq", this::maxSeq);
        routes.get("/channel/last_message", this::last);
    }

    private Future<Reply> sync(Call call) {
        record Sync(Reading reading, Bounds bounds, String summaries) {}
        Sync sync = call.read(fields -> new Sync(
                Reading.ofUser(fields), Bounds.read(fields), fields.text("event_summary_mode", MAX_MODE_BYTES)));
        boolean snapshots = sync.summaries.isBlank() || sync.summaries.strip().equalsIgnoreCase(FULL);
        return sync.reading
                .page(channels, found -> read(found, sync.bounds.window()))
                .compose(page -> forms.of(page.messages(), snapshots)
                        .map(form -> Reply.bare(json(sync.bounds.start, sync.bounds.end, page, form))));
    }

    /** A limit of 0 asks only whether there is something. */
    private Future<Page> read(LogChannel channel, Window window) {
        if (window.first() > window.last()) {
            return Future.succeededFuture(Page.EMPTY);
        }
        return log.read(channel, window);
    }

    private Future<Reply> maxSeq(Call call) {
        return call.readQuery(Reading::of).open(channels).map(found -> {
            long seq = found.map(LogChannel::lastSeq).orElse(0L);
            return Reply.bare(JsonObject.of("message_seq", seq));
        });
    }

    private Future<Reply> last(Call call) {
        return call.readQuery(Reading::of)
                .page(channels, found -> log.read(found, Window.tail(1)))
                .compose(page -> forms.of(page.messages()).map(form -> reply(page.messages(), form)));
    }

    /** The first of these, if there is one. */
    static Reply reply(List<Delivery> messages, MessageForms.Form form) {
        return messages.isEmpty() ? Reply.businessStatus(NOT_FOUND) : Reply.bare(form.of(messages.getFirst()));
    }

    static JsonObject json(long start, long end, Page page, MessageForms.Form form) {
        return new JsonObject()
                .put("start_message_seq", start)
                .put("end_message_seq", end)
                .put("more", Reply.bit(page.more()))
                .put("messages", form.array(page.messages()));
    }

    /** From start, included, to end, excluded; the pull mode says in which direction end lies. 0 is no bound. */
    private record Bounds(long start, long end, boolean up, int limit) {
        static Bounds read(Fields fields) {
            return new Bounds(
                    fields.number("start_message_seq", 0, Long.MAX_VALUE, 0),
                    fields.number("end_message_seq", 0, Long.MAX_VALUE, 0),
                    fields.integer("pull_mode", 0, UP, 0) == UP,
                    Math.min(MAX_LIMIT, fields.integer("limit", 0, Integer.MAX_VALUE, 0)));
        }

        Window window() {
            if (start == 0 && end == 0) {
                return Window.tail(limit);
            }
            if (up) {
                long last = end == 0 ? Long.MAX_VALUE : end - 1;
                return new Window(start, last, false, limit == 0 ? MAX_LIMIT : limit);
            }
            return end >= start ? Window.NONE : new Window(end + 1, start, true, limit);
        }
    }
}
