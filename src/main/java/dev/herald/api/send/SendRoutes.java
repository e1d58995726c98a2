package dev.herald.api.send;

import dev.herald.api.http.Call;
import dev.herald.api.http.Reply;
import dev.herald.api.http.Routes;
import dev.herald.api.send.SendRequest.Target.ToChannel;
import dev.herald.api.send.SendRequest.Target.ToEach;
import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.message.MessagingMessage.MessageSent;
import dev.herald.model.ChannelKey;
import dev.herald.model.Reason;
import dev.herald.trail.Trail;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Locale;

/**
 * Messages and commands from back ends (wukong-interfaces section 3.4); the answer comes when what was sent is stored.
 */
final class SendRoutes {
    private static final int REFUSED = 400;

    /** Messages of one batch that wait for their commit at once. */
    private static final int WINDOW = 500;

    private final Bus bus;
    private final CommandSends commands;
    private final Trail trail;

    SendRoutes(Bus bus, CommandSends commands, Trail trail) {
        this.bus = bus;
        this.commands = commands;
        this.trail = trail;
    }

    void mount(Routes routes) {
        routes.post("/message/send", this::send);
        routes.post("/message/sendbatch", this::sendBatch);
    }

    private Future<Reply> send(Call call) {
        long at = System.currentTimeMillis();
        SendRequest request = call.read(fields -> SendRequest.read(fields, call.number()));
        if (!request.header().syncOnce() && request.target() instanceof ToChannel to) {
            return bus.request(Addresses.MESSAGE_SEND, request.message(to.key()))
                    .onSuccess(sent -> trail.requested(at, sent.messageId(), call.id()))
                    .map(sent -> reply(request, sent));
        }
        return command(call, at, request)
                .map(known -> Reply.data(JsonObject.of("message_id", known, "client_msg_no", request.clientMsgNo())));
    }

    /** One content to many persons: a message to each, or one command for all of them. */
    private Future<Reply> sendBatch(Call call) {
        long at = System.currentTimeMillis();
        SendRequest request = call.read(fields -> SendRequest.readBatch(fields, call.number()));
        Outcome outcome = new Outcome(request.clientMsgNo());
        if (request.header().syncOnce()) {
            return command(call, at, request)
                    .map(id -> Reply.bare(outcome.json().put("message_id", id)));
        }
        List<String> uids = request.target() instanceof ToEach to ? to.uids() : List.of();
        return sendFrom(0, uids, request, outcome).compose(done -> {
            outcome.ids().forEach(id -> trail.requested(at, id, call.id()));
            return outcome.reply();
        });
    }

    private Future<Long> command(Call call, long at, SendRequest request) {
        return commands.send(request).onSuccess(id -> trail.requested(at, id, call.id()));
    }

    private Future<Void> sendFrom(int start, List<String> uids, SendRequest request, Outcome outcome) {
        List<String> window = uids.subList(start, Math.min(uids.size(), start + WINDOW));
        List<Future<MessageSent>> sent = window.stream()
                .map(uid ->
                        bus.request(Addresses.MESSAGE_SEND, request.message(new ChannelKey(uid, ChannelKey.PERSON))))
                .toList();
        return Future.join(sent).transform(joined -> {
            for (int i = 0; i < window.size(); i++) {
                outcome.add(window.get(i), sent.get(i));
            }
            int next = start + window.size();
            return next < uids.size() ? sendFrom(next, uids, request, outcome) : Future.succeededFuture();
        });
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
