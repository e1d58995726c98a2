package dev.herald.fanout;

import dev.herald.redis.RedisScript;
import io.vertx.core.Future;
import io.vertx.redis.client.Response;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** The users' inboxes in Redis, as their devices see them: cursors, reading, acknowledging. */
final class Inboxes {
    /** Entries that an append looks back for a repeat of its command; acknowledged ones stay that long if they must. */
    static final int LOOK_BACK = 1024;

    /** Stands for the pull cursor where a device flag is meant otherwise. */
    static final int PULL_FLAG = -1;

    /** Stands for nobody: only the tail of the inbox is known. */
    static final int NO_READER = -2;

    private static final RedisScript OPEN = InboxCalls.load("inbox-open");
    private static final RedisScript POSITION = InboxCalls.load("inbox-position");
    private static final RedisScript READ = InboxCalls.load("inbox-read");
    private static final RedisScript ACK = RedisScript.load("inbox-ack", "inbox-ack-short", "inbox-common");
    private static final String PULL = "pull";
    private static final String GIVEN = "given";
    private static final int MADE_KNOWN = 2;

    private final InboxCalls calls;
    private final DeviceCursors cursors;

    Inboxes(InboxCalls calls, DeviceCursors cursors) {
        this.calls = calls;
        this.cursors = cursors;
    }

    /** @param tail the newest sequence of the inbox */
    record Pointers(List<Pointer> pointers, long tail) {}

    /**
     * @param fresh true if the device was unknown and begins at the tail, without what waits for others
     * @param tail the newest sequence of the inbox
     */
    record Opened(long cursor, boolean fresh, long tail) {}

    /** Makes the device known: when this completes, it stays so whatever becomes of Redis. */
    Future<Opened> open(String uid, int deviceFlag) {
        return calls.eval(OPEN, uid, field(deviceFlag)).compose(reply -> {
            List<String> parts = words(reply);
            String how = parts.get(1);
            Opened opened = new Opened(Long.parseLong(parts.get(0)), how.equals("2"), Long.parseLong(parts.get(2)));
            if (!how.equals("0")) {
                return cursors.save(uid).map(opened);
            }
            cursors.note(uid);
            return Future.succeededFuture(opened);
        });
    }

    /** The cursor from which a pull that names no device reads on. */
    Future<Long> position(String uid) {
        return calls.eval(POSITION, uid).map(Inboxes::number);
    }

    Future<Pointers> read(String uid, long after, int limit) {
        return calls.eval(READ, uid, after, limit).map(Inboxes::pointers);
    }

    /** The same for a pull that names no device: only what it was given it can acknowledge. */
    Future<Pointers> give(String uid, long after, int limit) {
        return calls.eval(READ, uid, after, limit, GIVEN).map(Inboxes::pointers);
    }

    /** @param pendingFloor the lowest command id that may still be appended again */
    Future<Void> ack(String uid, OptionalInt deviceFlag, long seq, long pendingFloor) {
        int flag = deviceFlag.orElse(PULL_FLAG);
        return calls.eval(ACK, uid, field(flag), seq, pendingFloor, LOOK_BACK).compose(reply -> {
            long change = number(reply);
            if (change == MADE_KNOWN && flag != PULL_FLAG) {
                return cursors.save(uid);
            }
            if (change > 0) {
                cursors.note(uid);
            }
            return Future.succeededFuture();
        });
    }

    private static Pointers pointers(@Nullable Response reply) {
        List<String> parts = words(reply);
        return new Pointers(parts.stream().skip(1).map(Pointer::parse).toList(), Long.parseLong(parts.getFirst()));
    }

    /** The parts of an answer that is one string. */
    static List<String> words(@Nullable Response reply) {
        return List.of(String.valueOf(reply).split(" ", -1));
    }

    /** The field of a device's cursor. */
    static String field(int flag) {
        return flag == PULL_FLAG ? PULL : "d" + flag;
    }

    static int flag(String field) {
        return field.equals(PULL) ? PULL_FLAG : Integer.parseInt(field.substring(1));
    }

    static long number(@Nullable Response reply) {
        Long value = reply == null ? null : reply.toLong();
        return value == null ? 0 : value;
    }
}
