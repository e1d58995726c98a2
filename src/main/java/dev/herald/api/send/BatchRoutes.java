package dev.herald.api.send;

import dev.herald.api.http.Call;
import dev.herald.api.http.Problem;
import dev.herald.api.http.Reply;
import dev.herald.api.http.Routes;
import dev.herald.api.send.SendRequest.Target.ToEach;
import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.message.MessagingMessage.MessageSent;
import dev.herald.model.ChannelKey;
import dev.herald.model.Reason;
import dev.herald.trail.Trail;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;

/** One content to many persons (wukong-interfaces section 3.4): a message to each, or one command for all of them. */
final class BatchRoutes {
    /** Messages of one request that wait for their commit at once. */
    private static final int WINDOW = 500;

    private final Bus bus;
    private final CommandSends commands;
    private final Trail trail;

    BatchRoutes(Bus bus, CommandSends commands, Trail trail) {
        this.bus = bus;
        this.commands = commands;
        this.trail = trail;
    }

    void mount(Routes routes) {
        routes.post("/message/sendbatch", this::send);
    }

    private Future<Reply> send(Call call) {
        long at = System.currentTimeMillis();
        SendRequest request = call.read(fields -> SendRequest.readBatch(fields, call.number()));
        if (request.header().syncOnce()) {
            return commands.send(request)
                    .onSuccess(id -> trail.requested(at, id, call.id()))
                    .map(id -> Reply.bare(new Outcome(request).json().put("message_id", id)));
        }
        List<String> uids = request.target() instanceof ToEach to ? to.uids() : List.of();
        Outcome outcome = new Outcome(request);
        return sendFrom(0, uids, request, outcome).compose(done -> {
            outcome.ids().forEach(id -> trail.requested(at, id, call.id()));
            return outcome.reply();
        });
    }

    private Future<Void> sendFrom(int start, List<String> uids, SendRequest request, Outcome outcome) {
        List<String> window = uids.subList(start, Math.min(uids.size(), start + WINDOW));
        List<Future<MessageSent>> sent = window.stream()
                .map(uid ->
                        bus.request(Addresses.MESSAGE_SEND, request.message(new ChannelKey(uid, ChannelKey.PERSON))))
                .toList();
        return Future.join(sent).<Void>mapEmpty().otherwiseEmpty().compose(joined -> {
            for (int i = 0; i < window.size(); i++) {
                outcome.add(window.get(i), sent.get(i));
            }
            int next = start + window.size();
            return next < uids.size() ? sendFrom(next, uids, request, outcome) : Future.succeededFuture();
        });
    }

    /** What became of each message. */
    private static final class Outcome {
        private final SendRequest request;
        private final JsonArray failed = new JsonArray();
        private final JsonArray reasons = new JsonArray();
        private final JsonArray stored = new JsonArray();
        private final List<Long> ids = new ArrayList<>();
        private final List<Throwable> causes = new ArrayList<>();

        Outcome(SendRequest request) {
            this.request = request;
        }

        void add(String uid, Future<MessageSent> sent) {
            if (sent.failed()) {
                causes.add(sent.cause());
                fail(uid, Problem.of(sent.cause()).text());
            } else if (sent.result().reason() != Reason.SUCCESS) {
                fail(uid, MessageRoutes.refusal(sent.result().reason()));
            } else {
                MessageSent place = sent.result();
                ids.add(place.messageId());
                stored.add(
                        JsonObject.of("uid", uid, "message_id", place.messageId(), "message_seq", place.messageSeq()));
            }
        }

        List<Long> ids() {
            return ids;
        }

        /** If nothing was done for a trouble that passes, the whole request may be tried again. */
        Future<Reply> reply() {
            return stored.isEmpty() && !causes.isEmpty()
                    ? Future.failedFuture(causes.getFirst())
                    : Future.succeededFuture(Reply.bare(json().put("messages", stored)));
        }

        JsonObject json() {
            return JsonObject.of("fail_uids", failed, "reason", reasons, "client_msg_no", request.clientMsgNo());
        }

        private void fail(String uid, String reason) {
            failed.add(uid);
            reasons.add(reason);
        }
    }
}
