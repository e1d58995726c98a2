package dev.herald.fanout;

import dev.herald.redis.RedisGateway;
import dev.herald.redis.RedisScript;
import dev.herald.redis.UserKeys;
import io.vertx.core.Future;
import io.vertx.redis.client.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** The users' inboxes in Redis, as their devices see them: cursors, reading, acknowledging. */
final class Inboxes {
    /** Entries that an append looks back for a repeat of its command; acknowledged ones stay that long if they must. */
    static final int LOOK_BACK = 1024;

    private static final RedisScript OPEN = RedisScript.load("inbox-open");
    private static final RedisScript POSITION = RedisScript.load("inbox-position");
    private static final RedisScript READ = RedisScript.load("inbox-read");
    private static final RedisScript ACK = RedisScript.load("inbox-ack");
    private static final String PULL = "pull";

    private final RedisGateway redis;

    Inboxes(RedisGateway redis) {
        this.redis = redis;
    }

    /** @param tail the newest sequence of the inbox */
    record Pointers(List<Pointer> pointers, long tail) {}

    /** Makes the device known; its cursor. */
    Future<Long> open(String uid, int deviceFlag) {
        return redis.eval(OPEN, keys(uid), deviceField(deviceFlag)).map(Inboxes::number);
    }

    /** The cursor from which a pull that names no device reads on. */
    Future<Long> position(String uid) {
        return redis.eval(POSITION, List.of(UserKeys.cursors(uid))).map(Inboxes::number);
    }

    Future<Pointers> read(String uid, long after, int limit) {
        return redis.eval(READ, keys(uid), after, limit).map(reply -> {
            List<Pointer> pointers = new ArrayList<>();
            long tail = number(reply == null ? null : reply.get(0));
            for (int i = 1; reply != null && i < reply.size(); i++) {
                pointers.add(Pointer.parse(reply.get(i).toString()));
            }
            return new Pointers(pointers, tail);
        });
    }

    /** @param pendingFloor the lowest command id that may still be appended again */
    Future<Void> ack(String uid, OptionalInt deviceFlag, long seq, long pendingFloor) {
        String field = deviceFlag.isPresent() ? deviceField(deviceFlag.getAsInt()) : PULL;
        return redis.eval(ACK, keys(uid), field, seq, pendingFloor, LOOK_BACK).mapEmpty();
    }

    private static List<String> keys(String uid) {
        return List.of(UserKeys.inbox(uid), UserKeys.cursors(uid));
    }

    private static String deviceField(int flag) {
        return "d" + flag;
    }

    static long number(@Nullable Response reply) {
        Long value = reply == null ? null : reply.toLong();
        return value == null ? 0 : value;
    }
}
