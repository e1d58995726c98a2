package dev.herald.api.message;

import dev.herald.api.http.Call;
import dev.herald.api.http.Fields;
import dev.herald.api.http.MessageId;
import dev.herald.api.http.Reply;
import dev.herald.api.http.Routes;
import dev.herald.messagelog.LogChannels;
import dev.herald.messagelog.MessageLog;
import dev.herald.messagelog.Named;
import dev.herald.messagelog.Page;
import dev.herald.model.ClientMsgNo;
import dev.herald.model.Delivery;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Messages that the caller knows by name (wukong-interfaces sections 3.4 and 9.5). */
final class LookupRoutes {
    private static final int MAX_NAMED = 10_000;

    private final LogChannels channels;
    private final MessageLog log;
    private final MessageForms forms;

    LookupRoutes(LogChannels channels, MessageLog log, MessageForms forms) {
        this.channels = channels;
        this.log = log;
        this.forms = forms;
    }

    void mount(Routes routes) {
        routes.query("/messages", this::many);
        routes.query("/message", this::one);
        routes.get("/message/byclientmsgno", this::byClientMsgNo);
    }

    private Future<Reply> many(Call call) {
        record Wanted(Reading reading, Named named) {}
        Wanted wanted = call.read(fields -> new Wanted(
                Reading.of(fields),
                new Named(
                        fields.values("message_seqs", MAX_NAMED, "a positive integer", LookupRoutes::positive),
                        fields.values("message_ids", MAX_NAMED, "an id, number or string", LookupRoutes::id),
                        fields.values("client_msg_nos", MAX_NAMED, "a string", LookupRoutes::text))));
        return pick(wanted.reading, wanted.named).compose(page -> forms.of(page.messages())
                .map(form -> Reply.bare(HistoryRoutes.json(0, 0, page, form))));
    }

    private Future<Reply> one(Call call) {
        record Wanted(Reading reading, Optional<Long> id, String clientMsgNo) {
            boolean is(Delivery message) {
                return clientMsgNo.isEmpty() || message.clientMsgNo().equals(clientMsgNo);
            }
        }
        Wanted wanted = call.read(fields -> {
            String clientMsgNo = fields.text("client_msg_no", ClientMsgNo.MAX_BYTES);
            if (!isGiven(fields.raw("message_id")) && clientMsgNo.isEmpty()) {
                fields.refuse("message_id", "is required, or client_msg_no");
            }
            return new Wanted(Reading.of(fields), idIfGiven(fields), clientMsgNo);
        });
        Named named = wanted.id
                .map(id -> new Named(List.of(), List.of(id), List.of()))
                .orElseGet(() -> new Named(List.of(), List.of(), List.of(wanted.clientMsgNo)));
        return pick(wanted.reading, named)
                .compose(page ->
                        reply(page.messages().stream().filter(wanted::is).findFirst()));
    }

    private Future<Reply> byClientMsgNo(Call call) {
        record Wanted(Reading reading, String clientMsgNo) {}
        Wanted wanted = call.readQuery(
                fields -> new Wanted(Reading.of(fields), fields.requiredText("client_msg_no", ClientMsgNo.MAX_BYTES)));
        return wanted.reading
                .open(channels)
                .compose(found -> found.map(it -> log.oldestWithNumber(it, wanted.clientMsgNo))
                        .orElseGet(() -> Future.succeededFuture(Optional.empty())))
                .compose(this::reply);
    }

    private Future<Page> pick(Reading reading, Named named) {
        return reading.page(channels, found -> log.pick(found, named));
    }

    private Future<Reply> reply(Optional<Delivery> message) {
        List<Delivery> found = message.stream().toList();
        return forms.of(found).map(form -> HistoryRoutes.reply(found, form));
    }

    /** 0 is none, as with WuKongIM. */
    private static boolean isGiven(@Nullable Object id) {
        return id != null && !id.equals(0) && !id.equals("");
    }

    private static Optional<Long> idIfGiven(Fields fields) {
        Optional<Object> given = Optional.ofNullable(fields.raw("message_id")).filter(LookupRoutes::isGiven);
        Optional<Long> id = given.flatMap(LookupRoutes::id);
        if (given.isPresent() && id.isEmpty()) {
            fields.refuse("message_id", "must be an id, number or string");
        }
        return id;
    }

    /** JavaScript cannot hold the larger ones as numbers. */
    private static Optional<Long> id(Object value) {
        return value instanceof String text ? MessageId.parse(text) : positive(value);
    }

    private static Optional<Long> positive(Object value) {
        return (value instanceof Integer || value instanceof Long)
                        && value instanceof Number number
                        && number.longValue() > 0
                ? Optional.of(number.longValue())
                : Optional.empty();
    }

    private static Optional<String> text(Object value) {
        return value instanceof String text && !text.contains("\0") ? Optional.of(text) : Optional.empty();
    }
}
