package dev.herald.api.conversation;

import dev.herald.api.http.Fields;
import dev.herald.api.message.MessageForms;
import dev.herald.conversation.Conversation;
import dev.herald.conversation.Conversations;
import dev.herald.messagelog.Recents;
import dev.herald.messagelog.Recents.Part;
import dev.herald.model.ChannelKey;
import dev.herald.model.Delivery;
import dev.herald.model.Uid;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A user's conversations with their newest messages, as far as the client has not got them (section 3.5). */
final class ConversationSync {
    private final Conversations conversations;
    private final Recents recents;
    private final MessageForms forms;

    ConversationSync(Conversations conversations, Recents recents, MessageForms forms) {
        this.conversations = conversations;
        this.recents = recents;
        this.forms = forms;
    }

    /**
     * @param has whether the client has conversations already: then only what it has not read is new to it
     * @param excluded types, except of channels that the client has something of
     */
    record Wanted(
            String uid,
            boolean has,
            LastSeqs seqs,
            int count,
            boolean onlyUnread,
            Set<Integer> excluded,
            Paging paging) {
        static final int MAX_COUNT = 10_000;
        private static final int MAX_TYPES = 256;

        static Wanted read(Fields fields) {
            String uid = fields.uid("uid");
            return new Wanted(
                    uid,
                    fields.number("version", 0, Long.MAX_VALUE, 0) > 0,
                    LastSeqs.read(fields, uid),
                    fields.integer("msg_count", 0, MAX_COUNT, 0),
                    fields.flag("only_unread"),
                    new HashSet<>(fields.values(
                            "exclude_channel_types", MAX_TYPES, "an integer from 0 to 255", Wanted::type)),
                    Paging.read(fields));
        }

        private static Optional<Integer> type(Object value) {
            return value instanceof Integer type && type >= 0 && type < MAX_TYPES
                    ? Optional.of(type)
                    : Optional.empty();
        }

        boolean includes(Conversation conversation) {
            ChannelKey key = conversation.channel().key();
            boolean system = key.isPerson() && key.seenBy(uid).equals(Uid.SYSTEM);
            return !system && (!excluded.contains(key.type()) || seqs.knows(key));
        }

        /** From where on the client lacks it. */
        Part part(Conversation conversation) {
            long known = seqs.of(conversation.channel().key());
            if (known == 0 && (has || onlyUnread)) {
                known = conversation.readTo();
            }
            return new Part(conversation.channel(), Math.max(known, conversation.deletedSeq()) + 1);
        }

        boolean shows(Conversation conversation, List<Delivery> messages) {
            return !messages.isEmpty()
                    && (!onlyUnread
                            || conversation.unread(messages.getFirst(), uid).count() > 0);
        }
    }

    /** Page 0 is all. */
    record Paging(int offset, int limit) {
        private static final int DEFAULT_SIZE = 100;
        private static final int MAX_SIZE = 500;

        static Paging read(Fields fields) {
            int page = fields.integer("page", 0, Integer.MAX_VALUE, 0);
            int asked = fields.integer("page_size", 0, Integer.MAX_VALUE, 0);
            if (page == 0) {
                return new Paging(0, Conversations.MAX);
            }
            int size = asked == 0 ? DEFAULT_SIZE : Math.min(asked, MAX_SIZE);
            int offset = (int) Math.min(Conversations.MAX, (page - 1L) * size);
            return new Paging(offset, Math.min(size, Conversations.MAX - offset));
        }
    }

    Future<JsonArray> run(Wanted wanted) {
        if (wanted.count == 0 || wanted.paging.limit == 0) {
            return Future.succeededFuture(new JsonArray());
        }
        return conversations
                .recent(wanted.uid, wanted.paging.offset, wanted.paging.limit)
                .compose(recent -> {
                    List<Conversation> lacking = new ArrayList<>();
                    List<Part> parts = new ArrayList<>();
                    for (Conversation conversation : recent) {
                        Part part = wanted.part(conversation);
                        if (wanted.includes(conversation)
                                && part.first() <= conversation.channel().lastSeq()) {
                            lacking.add(conversation);
                            parts.add(part);
                        }
                    }
                    return recents.newestThatFit(parts, wanted.count).compose(messages -> forms.ofAll(messages)
                            .map(form -> json(wanted, lacking, messages, form)));
                });
    }

    private static JsonArray json(
            Wanted wanted, List<Conversation> conversations, List<List<Delivery>> messages, MessageForms.Form form) {
        JsonArray array = new JsonArray();
        for (int i = 0; i < conversations.size(); i++) {
            if (wanted.shows(conversations.get(i), messages.get(i))) {
                array.add(ConversationJson.of(conversations.get(i), wanted.uid, messages.get(i), form));
            }
        }
        return array;
    }
}
