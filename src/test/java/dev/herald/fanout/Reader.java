package dev.herald.fanout;

import dev.herald.bus.Addresses;
import dev.herald.bus.message.InboxMessage.Ack;
import dev.herald.bus.message.InboxMessage.AckInboxes;
import dev.herald.bus.message.InboxMessage.Entry;
import dev.herald.bus.message.InboxMessage.InboxOpened;
import dev.herald.bus.message.InboxMessage.OpenInbox;
import dev.herald.bus.message.InboxMessage.ReadInbox;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CompletionException;

/** A device that stays connected: it reads on from what it has got, acknowledges, and bears that a store is down. */
public final class Reader {
    private final Node node;
    private final String uid;
    private final int flag;
    private final List<Entry> received = new ArrayList<>();
    private boolean opened;
    private long sent;

    public Reader(Node node, String uid, int flag) {
        this.node = node;
        this.uid = uid;
        this.flag = flag;
    }

    /** One page, acknowledged if it came whole; false if a store did not answer. */
    public boolean turn() {
        try {
            if (!opened) {
                sent = open();
                opened = true;
            }
            List<Entry> page = node.call(() -> node.bus.request(Addresses.INBOX_READ, new ReadInbox(uid, sent, 10)))
                    .entries();
            received.addAll(page);
            if (!page.isEmpty()) {
                sent = page.getLast().seq();
                ack(sent);
            }
            return true;
        } catch (CompletionException e) {
            return false;
        }
    }

    public long open() {
        InboxOpened answer = node.call(() -> node.bus.request(Addresses.INBOX_OPEN, new OpenInbox(uid, flag)));
        return answer.cursor();
    }

    public void ack(long seq) {
        node.call(() ->
                node.bus.request(Addresses.INBOX_ACK, AckInboxes.of(new Ack(uid, OptionalInt.of(flag), seq, false))));
    }

    public List<Entry> read(long after) {
        return node.call(() -> node.bus.request(Addresses.INBOX_READ, new ReadInbox(uid, after, 1000)))
                .entries();
    }

    List<Entry> received() {
        return received;
    }

    /** The commands in the order in which each came first. */
    List<Long> commands() {
        return ids(received);
    }

    public static List<Long> ids(List<Entry> entries) {
        return entries.stream().map(entry -> entry.command().id()).distinct().toList();
    }
}
