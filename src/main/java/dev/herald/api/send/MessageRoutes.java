package dev.herald.api.send;

import dev.herald.api.http.Call;
import dev.herald.api.http.Reply;
import dev.herald.api.http.Routes;
import dev.herald.api.send.SendRequest.Target.ToChannel;
import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.message.MessagingMessage.MessageSent;
import dev.herald.model.Reason;
import dev.herald.trail.Trail;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.Locale;

/** Messages and commands from back ends; the answer comes when what was sent is stored. */
final class MessageRoutes {
    private static final int REFUSED = 400;

    private final Bus bus;
    private final CommandSends commands;
    private final Trail trail;

    MessageRoutes(Bus bus, CommandSends commands, Trail trail) {
        this.bus = bus;
        this.commands = commands;
        this.trail = trail;
    }

    void mount(Routes routes) {
        routes.post("/message/send", this::send);
    }

    private Future<Reply> send(Call call) {
        long at = System.currentTimeMillis();
        SendRequest request = call.read(fields -> SendRequest.read(fields, call.number()));
        if (!request.header().syncOnce() && request.target() instanceof ToChannel to) {
            return bus.request(Addresses.MESSAGE_SEND, request.message(to.key()))
                    .onSuccess(sent -> trail.requested(at, sent.messageId(), call.id()))
                    .map(sent -> reply(request, sent));
        }
        return commands.send(request)
                .onSuccess(id -> trail.requested(at, id, call.id()))
                .map(known -> Reply.data(JsonObject.of("message_id", known, "client_msg_no", request.clientMsgNo())));
    }

    /** WuKongIM drops a message to a banned or disbanded channel after it said 200; here the caller learns of it. */
    private static Reply reply(SendRequest request, MessageSent sent) {
        if (sent.reason() != Reason.SUCCESS) {
            JsonObject refusal = JsonObject.of(
                    "msg",
                    refusal(sent.reason()),
                    "status",
                    REFUSED,
                    "reason",
                    sent.reason().code());
            return Reply.json(REFUSED, refusal);
        }
        return Reply.data(JsonObject.of(
                "message_id",
                sent.messageId(),
                "message_seq",
                sent.messageSeq(),
                "client_msg_no",
                request.clientMsgNo()));
    }

    /** In words. */
    static String refusal(Reason reason) {
        return "the message was refused: "
                + reason.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
