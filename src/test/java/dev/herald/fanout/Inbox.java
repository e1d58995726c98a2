package dev.herald.fanout;

import dev.herald.bus.message.InboxMessage.Ack;
import dev.herald.bus.message.InboxMessage.InboxPage;
import dev.herald.bus.message.InboxMessage.PullInbox;
import dev.herald.fanout.inbox.CoalesceKey;
import dev.herald.fanout.inbox.Inboxes;
import dev.herald.fanout.inbox.Pointer;
import dev.herald.fanout.inbox.Readers;
import dev.herald.fanout.walk.Appends;
import dev.herald.fanout.walk.Claim;
import dev.herald.model.ChannelKey;
import dev.herald.model.Command;
import dev.herald.model.Payload;
import dev.herald.redis.UserKeys;
import io.vertx.core.Future;
import io.vertx.redis.client.Response;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.LongStream;

/** One user's inbox, moved by hand on the test's own parts of a node. */
public record Inbox(Node node, String uid) {

    /** A page with a command that has no row, of whatever epoch. */
    public static Claim claim(long id, List<String> uids) {
        return claim(id, "", uids);
    }

    /** @param key that it is coalesced by; empty for none */
    public static Claim claim(long id, String key, List<String> uids) {
        Command command = new Command(id, ChannelKey.group("g1"), "back", "no" + id, 0, Payload.EMPTY);
        long now = System.nanoTime();
        return new Claim(command, CoalesceKey.brief(key), Long.MAX_VALUE, now, uids, now, null);
    }

    public void append(long... ids) {
        append(LongStream.of(ids).boxed().toList(), Map.of());
    }

    /** @param keys of the commands that are coalesced */
    public void append(Collection<Long> ids, Map<Long, String> keys) {
        node.call(() -> {
            Appends appends = node.appends();
            return Future.join(ids.stream()
                    .map(id -> appends.append(claim(id, keys.getOrDefault(id, ""), List.of(uid))))
                    .toList());
        });
    }

    public long open(int flag) {
        return opened(flag).cursor();
    }

    public Inboxes.Opened opened(int flag) {
        return node.call(() -> node.inboxes().open(uid, flag));
    }

    public long position() {
        return node.call(() -> node.inboxes().position(uid)).cursor();
    }

    /** From the cursor of a device, or of pulls that name none: with commands, and a word first if something is missing. */
    public InboxPage pull(int flag, int limit) {
        return node.call(() -> node.reader().pull(new PullInbox(uid, device(flag), limit)));
    }

    public Inboxes.Pointers read(long after, int limit) {
        return node.call(() -> node.inboxes().read(uid, after, limit));
    }

    /** After it was given all that there is, and told what it lacks. */
    public void ackPull(long seq, long pendingFloor) {
        long tail = read(0, 1).tail();
        node.call(() -> node.inboxes().give(uid, Readers.PULL_FLAG, tail, true));
        claim(Readers.PULL_FLAG, seq, pendingFloor);
    }

    /** As a session does of what it was sent. */
    public void ack(int flag, long seq, long pendingFloor) {
        ack(new Ack(uid, device(flag), seq, false), pendingFloor);
    }

    /** As a client may over HTTP, whatever it was given. */
    public void claim(int flag, long seq, long pendingFloor) {
        ack(new Ack(uid, device(flag), seq, true), pendingFloor);
    }

    private void ack(Ack ack, long pendingFloor) {
        node.call(() -> node.inboxes().ack(List.of(ack), pendingFloor));
    }

    public List<Pointer> kept() {
        return node.inbox(uid).stream().map(Pointer::parse).toList();
    }

    /** What Redis knows beside the list, by its name. */
    public OptionalLong field(String name) {
        Response value = node.redis(io.vertx.redis.client.Command.HGET, UserKeys.cursors(uid), name);
        return value == null ? OptionalLong.empty() : OptionalLong.of(value.toLong());
    }

    private static OptionalInt device(int flag) {
        return flag == Readers.PULL_FLAG ? OptionalInt.empty() : OptionalInt.of(flag);
    }
}
