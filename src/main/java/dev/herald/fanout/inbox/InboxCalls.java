package dev.herald.fanout.inbox;

import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import dev.herald.fanout.epoch.Epoch;
import dev.herald.redis.RedisGateway;
import dev.herald.redis.RedisGateway.ScriptRun;
import dev.herald.redis.RedisScript;
import dev.herald.redis.UserKeys;
import io.vertx.core.Future;
import io.vertx.redis.client.Response;
import io.vertx.redis.client.ResponseType;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs scripts on users' inboxes; one of which something may be lost is rebuilt first. */
public final class InboxCalls {
    private static final Logger log = LoggerFactory.getLogger(InboxCalls.class);

    private static final int ROUNDS = 4;
    private static final Supplier<Future<Void>> ALWAYS = Future::succeededFuture;

    private final RedisGateway redis;
    private final Epoch epoch;
    private final Function<String, Future<Void>> rebuild;

    /** @param rebuild brings the inbox of a user in order again */
    public InboxCalls(RedisGateway redis, Epoch epoch, Function<String, Future<Void>> rebuild) {
        this.redis = redis;
        this.epoch = epoch;
        this.rebuild = rebuild;
    }

    public static RedisScript load(String name) {
        return RedisScript.load(name, "inbox-common");
    }

    public static List<String> keys(String uid) {
        return List.of(UserKeys.inbox(uid), UserKeys.cursors(uid), UserKeys.sessions(uid));
    }

    /** The answer of a script that is a number; 0 for none. */
    public static long number(@Nullable Response reply) {
        Long value = reply == null ? null : reply.toLong();
        return value == null ? 0 : value;
    }

    public boolean arePossible() {
        return redis.isConnected();
    }

    /** @param args the script's, without the epoch that comes first */
    public record Run(String uid, List<Object> args) {
        public static Run of(String uid, Object... args) {
            return new Run(uid, List.of(args));
        }
    }

    Future<@Nullable Response> eval(RedisScript script, String uid, Object... args) {
        return eval(ROUNDS, script, Run.of(uid, args), ALWAYS);
    }

    /** All in one write; the answers in their order, none where a user's keys hold foreign data. */
    public Future<List<@Nullable Response>> evalEach(RedisScript script, List<Run> runs) {
        return evalEach(script, runs, ALWAYS);
    }

    /** @param permit asked before each write, also after a rebuild, that may have taken long; if it fails, so does this */
    public Future<List<@Nullable Response>> evalEach(
            RedisScript script, List<Run> runs, Supplier<Future<Void>> permit) {
        return evalEach(ROUNDS, script, runs, permit);
    }

    private Future<@Nullable Response> eval(int rounds, RedisScript script, Run run, Supplier<Future<Void>> permit) {
        return permit.get()
                .compose(may -> {
                    ScriptRun call = withEpoch(run);
                    return redis.eval(script, call.keys(), call.args().toArray());
                })
                .compose(reply -> {
                    if (!isStale(reply)) {
                        return Future.succeededFuture(reply);
                    }
                    return rounds == 0
                            ? Future.failedFuture(moving())
                            : rebuild.apply(run.uid()).compose(rebuilt -> eval(rounds - 1, script, run, permit));
                });
    }

    private Future<List<@Nullable Response>> evalEach(
            int rounds, RedisScript script, List<Run> runs, Supplier<Future<Void>> permit) {
        return permit.get()
                .compose(may -> redis.evalEach(
                        script, runs.stream().map(this::withEpoch).toList()))
                .compose(replies -> repeatStale(rounds, script, runs, permit, replies))
                .recover(cause -> isForeign(cause) ? oneByOne(script, runs, permit) : Future.failedFuture(cause));
    }

    private Future<List<@Nullable Response>> repeatStale(
            int rounds,
            RedisScript script,
            List<Run> runs,
            Supplier<Future<Void>> permit,
            List<@Nullable Response> replies) {
        int[] stale = IntStream.range(0, runs.size())
                .filter(i -> isStale(replies.get(i)))
                .toArray();
        if (stale.length == 0) {
            return Future.succeededFuture(replies);
        }
        if (rounds == 0) {
            return Future.failedFuture(moving());
        }
        List<Run> again = IntStream.of(stale).mapToObj(runs::get).toList();
        return Future.join(again.stream().map(run -> rebuild.apply(run.uid())).toList())
                .compose(rebuilt -> evalEach(rounds - 1, script, again, permit))
                .map(late -> {
                    List<@Nullable Response> all = new ArrayList<>(replies);
                    for (int i = 0; i < stale.length; i++) {
                        all.set(stale[i], late.get(i));
                    }
                    return all;
                });
    }

    /** A batch fails as a whole, so the healthy inboxes beside a broken one are served here. */
    private Future<List<@Nullable Response>> oneByOne(
            RedisScript script, List<Run> runs, Supplier<Future<Void>> permit) {
        List<Future<@Nullable Response>> answers = runs.stream()
                .map(run -> eval(ROUNDS, script, run, permit).recover(cause -> {
                    if (!isForeign(cause)) {
                        return Future.failedFuture(cause);
                    }
                    log.error("uid={} holds foreign data, script={} skips it", run.uid(), script.name(), cause);
                    return Future.succeededFuture();
                }))
                .toList();
        return Future.join(answers)
                .map(done -> answers.stream().map(Future::result).toList());
    }

    /** Redis' own word on a user's data: whatever else fails would fail again and again, one by one. */
    private static boolean isForeign(Throwable cause) {
        return String.valueOf(cause.getMessage()).contains("WRONGTYPE");
    }

    private ScriptRun withEpoch(Run run) {
        List<Object> args = new ArrayList<>(run.args().size() + 1);
        args.add(epoch.number());
        args.addAll(run.args());
        return new ScriptRun(keys(run.uid()), args);
    }

    private static boolean isStale(@Nullable Response reply) {
        return reply != null && reply.type() != ResponseType.MULTI && "STALE".equals(reply.toString());
    }

    private static HeraldException moving() {
        return new HeraldException(Failure.UNAVAILABLE, "Redis loses its data again and again");
    }
}
