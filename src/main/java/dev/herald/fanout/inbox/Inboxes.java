package dev.herald.fanout.inbox;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.herald.bus.message.InboxMessage.Ack;
import dev.herald.fanout.inbox.InboxCalls.Run;
import dev.herald.redis.RedisScript;
import io.vertx.core.Future;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The users' inboxes in Redis, as their devices see them: cursors, reading, acknowledging. */
public final class Inboxes {
    /** Entries that an append looks back for a repeat of its command; acknowledged ones stay that long if they must. */
    public static final int LOOK_BACK = 1024;

    private static final RedisScript OPEN = InboxCalls.load("inbox-open");
    private static final RedisScript POSITION = InboxCalls.load("inbox-position");
    private static final RedisScript READ = InboxCalls.load("inbox-read");
    private static final RedisScript GIVE = InboxCalls.load("inbox-give");
    private static final RedisScript ACK = RedisScript.load("inbox-ack", "inbox-ack-short", "inbox-common");

    /** Of the answers of inbox-open and inbox-position how the reader stands: those that have made it known … */
    private static final Set<String> NEW = Set.of("1", "2");

    /** … and those of one that lacks something. */
    private static final Set<String> LACKING = Set.of("2", "3");

    private static final int MAX_NOTED = 50_000;

    private final InboxCalls calls;
    private final DeviceCursors cursors;

    /** Devices of which it was noted a moment ago, by the measure of the retention, that they still come. */
    private final Cache<String, Boolean> noted;

    /** @param retention how long a device that does not come stays known */
    public Inboxes(InboxCalls calls, DeviceCursors cursors, Duration retention) {
        this.calls = calls;
        this.cursors = cursors;
        this.noted = Caffeine.newBuilder()
                .maximumSize(MAX_NOTED)
                .expireAfterWrite(retention.dividedBy(100))
                .executor(Runnable::run)
                .build();
    }

    /** @param tail the newest sequence of the inbox */
    public record Pointers(List<Pointer> pointers, long tail) {}

    /**
     * @param fresh true if the device lacks what was there before it, since it began at the tail, without what waited for
     *     others, or was forgotten meanwhile; until it acknowledges anything
     * @param tail the newest sequence of the inbox
     */
    public record Opened(long cursor, boolean fresh, long tail) {}

    /** Makes the device known: when this completes, it stays so whatever becomes of Redis. */
    public Future<Opened> open(String uid, int deviceFlag) {
        return calls.eval(OPEN, uid, Readers.field(deviceFlag)).compose(reply -> {
            List<String> parts = words(reply);
            Opened opened = opened(parts);
            if (NEW.contains(parts.get(1))) {
                noted.put(uid + ":" + deviceFlag, true);
                // A rebuild that did not know the device yet has dropped it: then it is made known once more.
                return cursors.save(uid, deviceFlag).compose(saved -> open(uid, deviceFlag));
            }
            if (noted.asMap().putIfAbsent(uid + ":" + deviceFlag, true) == null) {
                cursors.note(uid, deviceFlag);
            }
            return Future.succeededFuture(opened);
        });
    }

    /** The same of a pull that names no device; what it reads it can acknowledge, and that makes it known. */
    public Future<Opened> position(String uid) {
        return calls.eval(POSITION, uid).map(reply -> opened(words(reply)));
    }

    public Future<Pointers> read(String uid, long after, int limit) {
        return calls.eval(READ, uid, after, limit).map(Inboxes::pointers);
    }

    /**
     * Notes that a reader was given what there is up to a sequence: only that it can acknowledge over HTTP.
     *
     * @param told that it lacks something, with what it was given
     */
    public Future<Void> give(String uid, int flag, long seq, boolean told) {
        return calls.eval(GIVE, uid, Readers.field(flag), seq, told ? 1 : 0).mapEmpty();
    }

    /** @param pendingFloor the lowest command id that may still be appended again */
    public Future<Void> ack(List<Ack> acks, long pendingFloor) {
        return calls.evalEach(
                        ACK, acks.stream().map(ack -> run(ack, pendingFloor)).toList())
                .map(changes -> {
                    for (int i = 0; i < acks.size(); i++) {
                        if (InboxCalls.number(changes.get(i)) > 0) {
                            cursors.note(acks.get(i).uid(), flag(acks.get(i)));
                        }
                    }
                    return null;
                });
    }

    private static Run run(Ack ack, long pendingFloor) {
        String field = Readers.field(flag(ack));
        return ack.pulled()
                ? Run.of(ack.uid(), field, ack.seq(), pendingFloor, LOOK_BACK, 1)
                : Run.of(ack.uid(), field, ack.seq(), pendingFloor, LOOK_BACK);
    }

    private static Opened opened(List<String> parts) {
        return new Opened(Long.parseLong(parts.get(0)), LACKING.contains(parts.get(1)), Long.parseLong(parts.get(2)));
    }

    private static int flag(Ack ack) {
        return ack.deviceFlag().orElse(Readers.PULL_FLAG);
    }

    private static Pointers pointers(@Nullable Response reply) {
        List<String> parts = words(reply);
        return new Pointers(parts.stream().skip(1).map(Pointer::parse).toList(), Long.parseLong(parts.getFirst()));
    }

    /** The parts of an answer that is one string. */
    static List<String> words(@Nullable Response reply) {
        return List.of(String.valueOf(reply).split(" ", -1));
    }
}
