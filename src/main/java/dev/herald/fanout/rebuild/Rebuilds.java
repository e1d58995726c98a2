package dev.herald.fanout.rebuild;

import dev.herald.failure.HeraldException;
import dev.herald.fanout.epoch.Epoch;
import dev.herald.fanout.inbox.FanoutMeters;
import dev.herald.fanout.inbox.InboxCalls;
import dev.herald.fanout.inbox.Readers;
import dev.herald.fanout.inbox.Resyncs;
import dev.herald.postgres.PgClients;
import dev.herald.redis.RedisGateway;
import dev.herald.redis.RedisGateway.ScriptRun;
import dev.herald.redis.RedisScript;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.redis.client.Response;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Brings inboxes of which something may be lost in order again: for all that come while one page is under way, the next. */
public final class Rebuilds {
    private static final RedisScript REBUILD = InboxCalls.load("inbox-rebuild");

    /** Bounds the memory and the time of one question to PostgreSQL. */
    static final int PAGE = 250;

    private final RedisGateway redis;
    private final Epoch epoch;
    private final LostEntries lost;
    private final Resyncs resyncs;
    private final FanoutMeters meters;
    private Map<String, Promise<Void>> waiting = new LinkedHashMap<>();
    private Map<String, Promise<Void>> underWay = Map.of();

    /** Users of the next page: an eighth of one that took too long, down to a single user, then more and more again. */
    private int size = PAGE;

    public Rebuilds(RedisGateway redis, Epoch epoch, LostEntries lost, Resyncs resyncs, FanoutMeters meters) {
        this.redis = redis;
        this.epoch = epoch;
        this.lost = lost;
        this.resyncs = resyncs;
        this.meters = meters;
    }

    /** Whoever calls bounds how much may wait. */
    public Future<Void> rebuild(String uid) {
        Promise<Void> sooner = underWay.get(uid);
        if (sooner != null) {
            return sooner.future();
        }
        Future<Void> result =
                waiting.computeIfAbsent(uid, it -> Promise.promise()).future();
        if (underWay.isEmpty()) {
            next();
        }
        return result;
    }

    private void next() {
        Map<String, Promise<Void>> page = takePage();
        underWay = page;
        List<String> uids = List.copyOf(page.keySet());
        // A script may have been refused because Redis was wiped just now: then this begins an epoch first.
        epoch.check(redis)
                .compose(checked -> bringBack(uids, epoch.number()))
                .onComplete(done -> underWay = Map.of())
                .onSuccess(outcomes -> {
                    size = Math.min(PAGE, 2 * size);
                    outcomes.forEach((uid, outcome) -> outcome.onComplete(page.get(uid)));
                })
                .onFailure(cause -> failed(page, cause))
                .onComplete(done -> {
                    if (!waiting.isEmpty() && underWay.isEmpty()) {
                        next();
                    }
                });
    }

    /** @param asked the epoch of all this: what was known before a further one began must not pass for known in that */
    private Future<Map<String, Future<Void>>> bringBack(List<String> uids, long asked) {
        return lost.of(uids, asked)
                .compose(known -> Future.join(tell(known, "overflow", asked), tell(known, "expired", asked))
                        .compose(told -> write(known, asked)));
    }

    private Future<Void> tell(List<LostEntries.Known> known, String reason, long asked) {
        Map<String, String> occasions = new HashMap<>();
        known.stream()
                .filter(user -> reason.equals(user.cut()))
                .forEach(user -> occasions.put(user.uid(), asked + "." + user.last()));
        return resyncs.insert(occasions, reason);
    }

    private void failed(Map<String, Promise<Void>> page, Throwable cause) {
        if (page.size() > 1 && PgClients.tookTooLong(cause)) {
            size = Math.max(1, page.size() / 8);
            Map<String, Promise<Void>> all = new LinkedHashMap<>(page);
            all.putAll(waiting);
            waiting = all;
        } else {
            page.values().forEach(result -> result.fail(cause));
        }
    }

    private Map<String, Promise<Void>> takePage() {
        Map<String, Promise<Void>> page = new LinkedHashMap<>();
        Iterator<Map.Entry<String, Promise<Void>>> entries = waiting.entrySet().iterator();
        while (entries.hasNext() && page.size() < size) {
            Map.Entry<String, Promise<Void>> entry = entries.next();
            page.put(entry.getKey(), entry.getValue());
            entries.remove();
        }
        return page;
    }

    /** The outcome of each user: a batch fails as a whole, so one that fails for a broken inbox is repeated singly. */
    private Future<Map<String, Future<Void>>> write(List<LostEntries.Known> known, long asked) {
        return redis.evalEach(
                        REBUILD, known.stream().map(user -> run(user, asked)).toList())
                .map(replies -> {
                    replies.forEach(missing -> count(missing, asked));
                    Map<String, Future<Void>> outcomes = new LinkedHashMap<>();
                    known.forEach(user -> outcomes.put(user.uid(), Future.succeededFuture()));
                    return outcomes;
                })
                .recover(cause -> {
                    if (cause instanceof HeraldException) {
                        return Future.failedFuture(cause);
                    }
                    Map<String, Future<Void>> outcomes = new LinkedHashMap<>();
                    known.forEach(user -> {
                        ScriptRun run = run(user, asked);
                        outcomes.put(
                                user.uid(),
                                redis.eval(REBUILD, run.keys(), run.args().toArray())
                                        .onSuccess(missing -> count(missing, asked))
                                        .mapEmpty());
                    });
                    return Future.succeededFuture(outcomes);
                });
    }

    private static ScriptRun run(LostEntries.Known user, long asked) {
        List<Object> args = new ArrayList<>();
        args.add(asked);
        args.add(user.base());
        args.add(asked == 1 ? 0 : LostEntries.SKIP);
        args.add(user.cursors().size());
        user.cursors().forEach((flag, seq) -> {
            args.add(Readers.field(flag));
            args.add(seq);
        });
        args.add(user.marks().size());
        args.addAll(user.marks());
        args.addAll(user.pointers());
        return new ScriptRun(InboxCalls.keys(user.uid()), args);
    }

    private void count(@Nullable Response missing, long asked) {
        if (asked > 1 && InboxCalls.number(missing) >= 0) {
            meters.rebuilt();
        }
    }
}
