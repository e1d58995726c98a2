package dev.herald.api.send;

import dev.herald.api.http.Call;
import dev.herald.api.http.Fields;
import dev.herald.api.http.Reply;
import dev.herald.api.http.Routes;
import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.message.InboxMessage.Ack;
import dev.herald.bus.message.InboxMessage.AckInboxes;
import dev.herald.bus.message.InboxMessage.PullInbox;
import dev.herald.model.DeviceFlag;
import dev.herald.wukong.MessageJson;
import io.vertx.core.Future;
import java.util.OptionalInt;

/**
 * Commands for clients that pull (wukong-interfaces section 5.5). Here message_seq is the place in the user's inbox, and
 * {@code device_flag}, which WuKongIM has not, chooses the device whose cursor is meant.
 */
final class InboxRoutes {
    private static final int DEFAULT_LIMIT = 200;

    /** WuKongIM has no bound, so a higher limit is the same as this one. */
    private static final int MAX_LIMIT = 10_000;

    private final Bus bus;

    InboxRoutes(Bus bus) {
        this.bus = bus;
    }

    void mount(Routes routes) {
        routes.query("/message/sync", this::sync);
        routes.post("/message/syncack", this::ack);
    }

    private Future<Reply> sync(Call call) {
        return bus.request(Addresses.INBOX_PULL, call.read(InboxRoutes::pull))
                .map(page -> Reply.bare(Reply.array(
                        page.entries(), entry -> MessageJson.of(entry.command().at(entry.seq())))));
    }

    private Future<Reply> ack(Call call) {
        return bus.request(
                        Addresses.INBOX_ACK,
                        AckInboxes.of(call.read(fields -> new Ack(
                                fields.uid("uid"),
                                device(fields),
                                fields.number("last_message_seq", 0, Long.MAX_VALUE),
                                true))))
                .map(done -> Reply.ok());
    }

    /** {@code message_seq} is checked and not used: the cursor is the server's, as with WuKongIM. */
    private static PullInbox pull(Fields fields) {
        fields.number("message_seq", 0, Long.MAX_VALUE, 0);
        int limit = fields.integer("limit", 0, Integer.MAX_VALUE, 0);
        return new PullInbox(
                fields.uid("uid"), device(fields), limit == 0 ? DEFAULT_LIMIT : Math.min(MAX_LIMIT, limit));
    }

    private static OptionalInt device(Fields fields) {
        return fields.integerIfGiven("device_flag", 0, DeviceFlag.MAX);
    }
}
