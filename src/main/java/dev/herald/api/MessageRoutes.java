package dev.herald.api;

import dev.herald.api.SendRequest.Target.ToChannel;
import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.message.MessagingMessage.MessageSent;
import dev.herald.bus.message.MessagingMessage.SendMessage;
import dev.herald.bus.message.SocketMessage;
import dev.herald.model.Reason;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import java.util.Locale;

/** Messages and commands from back ends; the answer comes when what was sent is stored. */
final class MessageRoutes {
    private static final int REFUSED = 400;

    private final Bus bus;
    private final CommandSends commands;

    MessageRoutes(Bus bus, CommandSends commands) {
        this.bus = bus;
        this.commands = commands;
    }

    void mount(Router router, Calls calls) {
        router.post("/message/send").handler(calls.of(this::send));
    }

    private Future<Reply> send(Call call) {
        SendRequest request = call.read(SendRequest::read);
        if (!request.header().syncOnce() && request.target() instanceof ToChannel to) {
            return bus.request(Addresses.MESSAGE_SEND, message(request, to)).map(sent -> reply(request, sent));
        }
        Future<Long> id = request.header().noPersist() ? commands.push(request) : commands.store(request);
        return id.map(known -> Reply.data(JsonObject.of("message_id", known, "client_msg_no", request.clientMsgNo())));
    }

    private static SendMessage message(SendRequest request, ToChannel to) {
        return new SendMessage(
                request.fromUid(),
                SocketMessage.NO_SESSION,
                true,
                to.key(),
                request.clientMsgNo(),
                request.header(),
                0,
                request.expireSeconds(),
                "",
                request.payload());
    }

    /** WuKongIM drops a message to a banned or disbanded channel after it said 200; here the caller learns of it. */
    private static Reply reply(SendRequest request, MessageSent sent) {
        Reason reason = sent.reason();
        if (reason != Reason.SUCCESS) {
            String text = "the message was refused: "
                    + reason.name().toLowerCase(Locale.ROOT).replace('_', ' ');
            return Reply.json(REFUSED, JsonObject.of("msg", text, "status", REFUSED, "reason", reason.code()));
        }
        return Reply.data(JsonObject.of(
                "message_id",
                sent.messageId(),
                "message_seq",
                sent.messageSeq(),
                "client_msg_no",
                request.clientMsgNo()));
    }
}
