package dev.herald.api.conversation;

import dev.herald.api.http.Fields;
import dev.herald.model.ChannelKey;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a client has of its channels already, {@code id:type:seq} with {@code |} between (wukong-interfaces section 3.5).
 * An id may itself contain colons and, as those of visitors do, bars; a person channel is named by its other side or by
 * both.
 */
record LastSeqs(Map<ChannelKey, Long> seqs) {
    private static final String NAME = "last_msg_seqs";
    private static final int MAX_BYTES = 1 << 20;
    private static final Pattern ENTRY = Pattern.compile("\\|*+(.+?):(\\d{1,3}):(\\d{1,18})(?:\\|+|$)");

    static LastSeqs read(Fields fields, String uid) {
        Map<ChannelKey, Long> seqs = new HashMap<>();
        String text = fields.text(NAME, MAX_BYTES);
        Matcher entry = ENTRY.matcher(text);
        int at = 0;
        while (at < text.length() && entry.region(at, text.length()).lookingAt()) {
            seqs.put(key(uid, entry.group(1), Integer.parseInt(entry.group(2))), Long.valueOf(entry.group(3)));
            at = entry.end();
        }
        if (!text.substring(at).replace("|", "").isEmpty()) {
            fields.refuse(NAME, "must be entries id:type:seq");
        }
        return new LastSeqs(seqs);
    }

    /** 0 if the client has nothing of it. */
    long of(ChannelKey stored) {
        return seqs.getOrDefault(stored, 0L);
    }

    boolean knows(ChannelKey stored) {
        return seqs.containsKey(stored);
    }

    private static ChannelKey key(String uid, String id, int type) {
        ChannelKey named = new ChannelKey(id, type);
        if (!named.isPerson()) {
            return named;
        }
        return named.sides().isEmpty()
                ? ChannelKey.conversation(uid, id)
                : ChannelKey.conversation(
                        named.sides().getFirst(), named.sides().getLast());
    }
}
