package dev.herald.fanout.rebuild;

import dev.herald.bus.message.PresenceMessage.Difference;
import dev.herald.fanout.epoch.Epoch;
import dev.herald.redis.RedisGateway;
import dev.herald.redis.UserKeys;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What operators can have done to inboxes that they do not believe: compared with PostgreSQL, or made anew from it. */
public final class Overhaul {
    private final RedisGateway redis;
    private final Epoch epoch;
    private final Rebuilds rebuilds;
    private final LostEntries lost;

    public Overhaul(RedisGateway redis, Epoch epoch, Rebuilds rebuilds, LostEntries lost) {
        this.redis = redis;
        this.epoch = epoch;
        this.rebuilds = rebuilds;
        this.lost = lost;
    }

    /**
     * Of all, each is made anew at its next use, those of users who are connected at once. In the first epoch nothing is
     * known that could be lost, so then it is all of them, too.
     */
    public Future<Void> rebuild(List<String> uids) {
        if (uids.isEmpty() || epoch.number() == 1) {
            return epoch.renew(redis).compose(begun -> each(uids));
        }
        List<Request> marks = uids.stream()
                .map(uid -> Request.cmd(Command.HSET)
                        .arg(UserKeys.cursors(uid))
                        .arg("epoch")
                        .arg(epoch.number() - 1))
                .toList();
        return redis.sendAll(marks).compose(marked -> each(uids));
    }

    /**
     * A command is missing for sure if an older one is still there: of those before the oldest, nobody can say whether
     * their devices have acknowledged them.
     */
    public Future<List<Difference>> verify(List<String> uids) {
        if (uids.isEmpty()) {
            return Future.succeededFuture(List.of());
        }
        List<Request> reads = uids.stream()
                .map(uid -> Request.cmd(Command.LRANGE)
                        .arg(UserKeys.inbox(uid))
                        .arg(0)
                        .arg(-1))
                .toList();
        // First what should be there: what is acknowledged between the two questions was there, and stays for a while.
        return lost.of(uids, Math.max(2, epoch.number()))
                .compose(known -> redis.sendAll(reads).map(lists -> {
                    List<Difference> found = new ArrayList<>();
                    known.forEach(user -> compare(user, lists.get(uids.indexOf(user.uid())), found));
                    return found;
                }));
    }

    private Future<Void> each(List<String> uids) {
        return Future.join(uids.stream().map(rebuilds::rebuild).toList()).mapEmpty();
    }

    private static void compare(LostEntries.Known user, @Nullable Response list, List<Difference> found) {
        Set<Long> present = new HashSet<>();
        Map<String, Long> newest = new HashMap<>();
        long oldest = Long.MAX_VALUE;
        if (list != null) {
            for (Response entry : list) {
                String[] parts = entry.toString().split(":", 3);
                long id = Long.parseLong(parts[1]);
                present.add(id);
                oldest = Math.min(oldest, id);
                newest.merge(parts.length > 2 ? parts[2] : "", id, Math::max);
            }
        }
        for (String pointer : user.pointers()) {
            String[] parts = pointer.split(":", 2);
            long id = Long.parseLong(parts[0]);
            boolean replaced = parts.length > 1 && newest.getOrDefault(parts[1], 0L) > id;
            if (id > oldest && !present.contains(id) && !replaced) {
                found.add(new Difference("missing_command", user.uid(), "command " + id));
            }
        }
    }
}
