package dev.herald.fanout;

import dev.herald.bus.message.InboxMessage.Ack;
import dev.herald.model.ChannelKey;
import dev.herald.model.Command;
import dev.herald.model.Payload;
import io.vertx.core.Future;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.LongStream;

/** One user's inbox, moved by hand on the test's own parts of a node. */
record Inbox(Node node, String uid) {

    /** A page with a command that has no row. */
    static Claim claim(long id, List<String> uids) {
        Command command = new Command(id, ChannelKey.group("g1"), "back", "no" + id, 0, Payload.EMPTY);
        return new Claim(command, "", 1, 0, System.nanoTime(), uids, System.nanoTime());
    }

    void append(long... ids) {
        node.call(() -> {
            Appends appends = node.appends();
            return Future.join(LongStream.of(ids)
                    .mapToObj(id -> appends.append(claim(id, List.of(uid))))
                    .toList());
        });
    }

    long open(int flag) {
        return node.call(() -> node.inboxes().open(uid, flag)).cursor();
    }

    long position() {
        return node.call(() -> node.inboxes().position(uid)).cursor();
    }

    Inboxes.Pointers read(long after, int limit) {
        return node.call(() -> node.inboxes().read(uid, after, limit));
    }

    /** After it was given all that there is. */
    void ackPull(long seq, long pendingFloor) {
        give(0, 10_000);
        ack(Inboxes.PULL_FLAG, seq, pendingFloor);
    }

    Inboxes.Pointers give(long after, int limit) {
        return node.call(() -> node.inboxes().give(uid, after, limit));
    }

    /** @param flag of a device, or {@link Inboxes#PULL_FLAG} */
    void ack(int flag, long seq, long pendingFloor) {
        OptionalInt device = flag == Inboxes.PULL_FLAG ? OptionalInt.empty() : OptionalInt.of(flag);
        node.call(() -> node.inboxes().ack(List.of(new Ack(uid, device, seq)), pendingFloor));
    }
}
