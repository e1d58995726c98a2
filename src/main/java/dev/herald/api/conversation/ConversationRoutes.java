package dev.herald.api.conversation;

import dev.herald.api.channel.ChannelName;
import dev.herald.api.http.Call;
import dev.herald.api.http.Fields;
import dev.herald.api.http.Reply;
import dev.herald.api.http.Routes;
import dev.herald.api.message.MessageForms;
import dev.herald.conversation.Conversation;
import dev.herald.conversation.Conversations;
import dev.herald.messagelog.Recents;
import dev.herald.messagelog.Recents.Part;
import dev.herald.model.ChannelKey;
import dev.herald.model.Delivery;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.ToLongBiFunction;

/** What users have of their channels (wukong-interfaces sections 3.5 and 9.5). */
final class ConversationRoutes {
    private static final int MAX_CHANNELS = 1_000;
    private static final int DEFAULT_COUNT = 15;

    private final Conversations conversations;
    private final Recents recents;
    private final MessageForms forms;
    private final ConversationSync sync;

    ConversationRoutes(Conversations conversations, Recents recents, MessageForms forms) {
        this.conversations = conversations;
        this.recents = recents;
        this.forms = forms;
        this.sync = new ConversationSync(conversations, recents, forms);
    }

    void mount(Routes routes) {
        routes.query("/conversation/sync", call -> sync.run(call.read(ConversationSync.Wanted::read))
                .map(Reply::bare));
        routes.query("/conversation/channels", this::channels);
        routes.query("/conversation/syncByChannels", this::syncByChannels);
        routes.query("/conversation/syncMessages", this::syncMessages);
    }

    /** By their stored ids. */
    private Future<Reply> channels(Call call) {
        String uid = call.read(fields -> fields.uid("uid"));
        return conversations
                .recent(uid, 0, Conversations.MAX)
                .map(recent -> Reply.bare(Reply.array(recent, conversation -> {
                    ChannelKey key = conversation.channel().key();
                    return JsonObject.of("channel_id", key.id(), "channel_type", key.type());
                })));
    }

    /**
     * A channel that a request lists.
     *
     * @param id as it is spelled there
     * @param first the first sequence that is wanted
     */
    private record Listed(String id, ChannelKey stored, long first) {
        static Listed read(Fields fields, String uid) {
            ChannelKey stored = ChannelName.stored(fields, Optional.of(uid), "uid");
            return new Listed(ChannelName.spelled(fields), stored, fields.number("last_msg_seq", 0, Long.MAX_VALUE, 0));
        }
    }

    /** Many channels of one user. */
    private record Many(String uid, List<Listed> channels, int count, boolean newest) {
        private static List<Listed> channels(Fields fields, String uid) {
            return fields.has("channels")
                    ? fields.list("channels", MAX_CHANNELS, listed -> Listed.read(listed, uid))
                    : List.of();
        }

        static Many read(Fields fields) {
            String uid = fields.uid("uid");
            int count = fields.integer("msg_count", 0, ConversationSync.Wanted.MAX_COUNT, 0);
            return new Many(
                    uid, channels(fields, uid), count == 0 ? DEFAULT_COUNT : count, fields.flag("order_by_last"));
        }
    }

    private Future<Reply> syncByChannels(Call call) {
        Many many = call.read(fields -> {
            Many read = Many.read(fields);
            if (!fields.has("channels")) {
                fields.refuse("channels", "is required");
            } else if (read.channels.isEmpty() && fields.raw("channels") instanceof JsonArray) {
                fields.refuse("channels", "must not be empty");
            }
            return read;
        });
        return read(
                many,
                true,
                (conversation, listed) -> conversation.deletedSeq() + 1,
                (listed, known, messages, form) -> known.map(
                                conversation -> ConversationJson.of(conversation, many.uid, messages, form))
                        .orElseGet(() -> ConversationJson.json(listed.stored.seenBy(many.uid), listed.stored.type())));
    }

    private Future<Reply> syncMessages(Call call) {
        Many many = call.read(Many::read);
        return read(
                many,
                many.newest,
                (conversation, listed) -> listed.first,
                (listed, known, messages, form) -> new JsonObject()
                        .put("channel_id", listed.id)
                        .put("channel_type", listed.stored.type())
                        .put("messages", form.array(messages))
                        .put(
                                "user_last_msg_seq",
                                known.map(Conversation::sentSeq).orElse(0L)));
    }

    /** How a route shows a channel, with the messages that were found if the user is in it. */
    private interface Shape {
        JsonObject of(Listed listed, Optional<Conversation> known, List<Delivery> messages, MessageForms.Form form);
    }

    /** Channels that the user is not in look as if there were none, so that one of them does not cost all others. */
    private Future<Reply> read(Many many, boolean newest, ToLongBiFunction<Conversation, Listed> first, Shape shape) {
        List<ChannelKey> keys =
                many.channels.stream().map(Listed::stored).distinct().toList();
        return conversations.of(many.uid, keys).compose(known -> {
            List<Part> parts = new ArrayList<>();
            for (Listed listed : many.channels) {
                Conversation conversation = known.get(listed.stored);
                if (conversation != null) {
                    parts.add(new Part(conversation.channel(), first.applyAsLong(conversation, listed)));
                }
            }
            return recents.read(parts, many.count, newest)
                    .compose(found -> forms.ofAll(found).map(form -> {
                        Iterator<List<Delivery>> each = found.iterator();
                        return Reply.bare(Reply.array(many.channels, listed -> {
                            Optional<Conversation> conversation = Optional.ofNullable(known.get(listed.stored));
                            List<Delivery> messages = conversation.isPresent() ? each.next() : List.of();
                            return shape.of(listed, conversation, messages, form);
                        }));
                    }));
        });
    }
}
