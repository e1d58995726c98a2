package dev.herald.api.conversation;

import dev.herald.api.channel.ChannelName;
import dev.herald.api.http.Call;
import dev.herald.api.http.Fields;
import dev.herald.api.http.Reply;
import dev.herald.api.http.Routes;
import dev.herald.conversation.Conversations;
import dev.herald.model.ChannelKey;
import dev.herald.postgres.PgClients;
import io.vertx.core.Future;
import java.util.Optional;

/**
 * What a user says of its own conversations (wukong-interfaces section 3.5). Of a channel that it is not in there is
 * nothing to say, and the answer is the same, as WuKongIM's is.
 */
final class ConversationEdits {
    private final PgClients pg;

    ConversationEdits(PgClients pg) {
        this.pg = pg;
    }

    void mount(Routes routes) {
        routes.post("/conversations/clearUnread", this::clearUnread);
        routes.post("/conversations/setUnread", this::setUnread);
        routes.post("/conversations/delete", this::delete);
    }

    private record Own(String uid, ChannelKey stored) {
        static Own read(Fields fields) {
            String uid = fields.uid("uid");
            return new Own(uid, ChannelName.stored(fields, Optional.of(uid), "uid"));
        }
    }

    private Future<Reply> clearUnread(Call call) {
        Own own = call.read(Own::read);
        return leaveUnread(call, own, 0);
    }

    private Future<Reply> setUnread(Call call) {
        record Left(Own own, long unread) {}
        Left left = call.read(fields -> new Left(Own.read(fields), fields.number("unread", 0, Integer.MAX_VALUE, 0)));
        return leaveUnread(call, left.own, left.unread);
    }

    private Future<Reply> leaveUnread(Call call, Own own, long count) {
        return call.once(pg, tx -> Conversations.leaveUnread(tx, own.uid, own.stored, count), done -> Reply.ok());
    }

    private Future<Reply> delete(Call call) {
        Own own = call.read(Own::read);
        return call.once(pg, tx -> Conversations.hide(tx, own.uid, own.stored), done -> Reply.ok());
    }
}
