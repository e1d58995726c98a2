package dev.herald.api.send;

import dev.herald.api.http.Problem;
import dev.herald.api.http.Reply;
import dev.herald.bus.message.MessagingMessage.MessageSent;
import dev.herald.model.Reason;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;

/** What became of each message of a batch. */
final class Outcome {
    private final String clientMsgNo;
    private final JsonArray failed = new JsonArray();
    private final JsonArray reasons = new JsonArray();
    private final JsonArray stored = new JsonArray();
    private final List<Long> ids = new ArrayList<>();
    private final List<Throwable> causes = new ArrayList<>();

    Outcome(String clientMsgNo) {
        this.clientMsgNo = clientMsgNo;
    }

    void add(String uid, Future<MessageSent> sent) {
        if (sent.failed()) {
            causes.add(sent.cause());
            fail(uid, Problem.of(sent.cause()).text());
        } else if (sent.result().reason() != Reason.SUCCESS) {
            fail(uid, SendRoutes.refusal(sent.result().reason()));
        } else {
            MessageSent place = sent.result();
            ids.add(place.messageId());
            stored.add(JsonObject.of("uid", uid, "message_id", place.messageId(), "message_seq", place.messageSeq()));
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
        return JsonObject.of("fail_uids", failed, "reason", reasons, "client_msg_no", clientMsgNo);
    }

    private void fail(String uid, String reason) {
        failed.add(uid);
        reasons.add(reason);
    }
}
