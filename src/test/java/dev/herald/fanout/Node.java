package dev.herald.fanout;

import static dev.herald.it.TestRedis.request;

import dev.herald.bus.Bus;
import dev.herald.config.ConfigLoader;
import dev.herald.config.HeraldConfig;
import dev.herald.fanout.epoch.Epoch;
import dev.herald.fanout.inbox.Bodies;
import dev.herald.fanout.inbox.DeviceCursors;
import dev.herald.fanout.inbox.FanoutMeters;
import dev.herald.fanout.inbox.InboxCalls;
import dev.herald.fanout.inbox.InboxReader;
import dev.herald.fanout.inbox.Inboxes;
import dev.herald.fanout.inbox.Resyncs;
import dev.herald.fanout.inbox.Retention;
import dev.herald.fanout.rebuild.LostEntries;
import dev.herald.fanout.rebuild.Rebuilds;
import dev.herald.fanout.walk.Appends;
import dev.herald.fanout.walk.PendingCommands;
import dev.herald.it.Stores;
import dev.herald.postgres.PgClients;
import dev.herald.redis.RedisGateway;
import dev.herald.redis.UserKeys;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Response;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Fresh stores with whatever a test puts around them: verticles, rows, and the parts of a node to be moved by hand. */
public final class Node implements AutoCloseable, AfterEachCallback {
    public final Vertx vertx = Vertx.vertx();
    public final Bus bus = new Bus(vertx);
    public final String postgresUrl = Stores.freshPostgres();
    public final PgClients pg;
    public final RedisGateway redis;
    public final HeraldConfig config;
    private final Tuning tuning;
    public final Epoch epoch;
    final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private InboxCalls calls;
    private DeviceCursors cursors;
    private Appends appends;
    private Inboxes inboxes;
    final FanoutMeters meters = new FanoutMeters(registry);
    private Resyncs resyncs;
    private int bound;
    private boolean hasNewResyncs;
    private final Context context = vertx.getOrCreateContext();

    /** @param overrides keys of the configuration, {@code page} and {@code sweep}, each before its value */
    public Node(String... overrides) {
        Map<String, String> values = new HashMap<>(Map.of("redis.url", Stores.freshRedis()));
        for (int i = 0; i < overrides.length; i += 2) {
            values.put(overrides[i], overrides[i + 1]);
        }
        tuning = tuning(values);
        config = ConfigLoader.load(values);
        pg = PgClients.open(vertx, postgresUrl, 8);
        redis = call(() -> RedisGateway.open(vertx, values.get("redis.url")));
        redis(Command.FLUSHDB);
        epoch = new Epoch(pg.statements(), 0, () -> {});
        call(() -> epoch.check(redis));
        bound = config.commands().inboxBound();
        assemble();
    }

    /** Most entries of an inbox from now on. */
    public void bound(int most) {
        bound = most;
        assemble();
    }

    /** Takes what is no key of the configuration out of the values. */
    static Tuning tuning(Map<String, String> values) {
        String page = values.remove("page");
        String sweep = values.remove("sweep");
        return new Tuning(
                page == null ? Tuning.STANDARD.page() : Integer.parseInt(page),
                sweep == null ? Tuning.STANDARD.sweep() : Duration.parse(sweep));
    }

    /** The parts to be moved by hand are new, and know nothing but what the stores do: as after kill -9. */
    public void crash() {
        assemble();
    }

    private void assemble() {
        resyncs = new Resyncs(pg.statements(), () -> hasNewResyncs = true, meters);
        LostEntries lost = new LostEntries(pg.transactions(), bound, LostEntries.PATIENCE);
        calls = new InboxCalls(redis, epoch, new Rebuilds(redis, epoch, lost, resyncs, meters)::rebuild);
        DeviceCursors durable = new DeviceCursors(pg.statements(), redis, calls, epoch, this::flush, () -> {});
        cursors = durable;
        appends = new Appends(calls, durable, resyncs, meters, epoch, Duration.ofMinutes(1), bound);
        inboxes = new Inboxes(calls, durable, config.commands().retention());
    }

    /** Runs on the one context of the test's own parts, and waits. */
    public <T> T call(Supplier<Future<T>> work) {
        CompletableFuture<T> result = new CompletableFuture<>();
        context.runOnContext(go -> work.get().onComplete(result::complete, result::completeExceptionally));
        return result.orTimeout(60, TimeUnit.SECONDS).join();
    }

    public String deploy(long incarnation) {
        return call(() -> vertx.deployVerticle(new FanoutVerticle(config, bus, pg, incarnation, tuning)));
    }

    public void undeploy(String id) {
        call(() -> vertx.undeploy(id));
    }

    public PendingCommands pending(long incarnation) {
        return new PendingCommands(
                pg.statements(), incarnation, config.commands().lease(), tuning.page(), epoch);
    }

    public Appends appends() {
        return appends;
    }

    public Inboxes inboxes() {
        return inboxes;
    }

    /** One that remembers no commands. */
    InboxReader reader() {
        return new InboxReader(inboxes, new Bodies(pg.statements()), resyncs, meters);
    }

    /** True if the parts have told somebody to refresh everything since this was asked last. */
    public boolean hasNewResyncs() {
        boolean has = hasNewResyncs;
        hasNewResyncs = false;
        return has;
    }

    /** Ends what is older than that. */
    public void retain(Duration retention) {
        call(() -> new Retention(pg.statements(), calls, retention).sweep());
    }

    public InboxCalls calls() {
        return calls;
    }

    public DeviceCursors cursors() {
        return cursors;
    }

    /** Later on the context, as by a timer. */
    private void flush() {
        context.runOnContext(go -> cursors.flush().onFailure(Throwable::printStackTrace));
    }

    public List<Row> sql(String text, Object... values) {
        List<Row> rows = new ArrayList<>();
        call(() -> pg.statements().preparedQuery(text).execute(Tuple.from(List.of(values))))
                .forEach(rows::add);
        return rows;
    }

    public Response redis(Command command, Object... args) {
        return call(() -> redis.send(request(command, args)));
    }

    /** A group at revision 1 whose members are u00001 and so on; its primary key. */
    public long channel(String id, int members) {
        long pk = sql("insert into channel (channel_id, channel_type, revision) values ($1, 2, 1) returning pk", id)
                .getFirst()
                .getLong(0);
        sql(
                "insert into member (channel, uid, since) select $1, 'u' || lpad(i::text, greatest(5, length(i::text)), '0'), 1 from generate_series(1, $2) i",
                pk,
                members);
        return pk;
    }

    public static String uid(int number) {
        return "u%05d".formatted(number);
    }

    /** A command to the members of the channel at a revision. */
    public long command(long channel, long revision) {
        return command(channel, revision, false);
    }

    public long command(long channel, long revision, boolean withLeavers) {
        return sql("""
                insert into cmd (channel_id, channel_type, from_uid, client_msg_no, payload, channel, revision, with_leavers)
                select channel_id, channel_type, 'back', gen_random_uuid()::text, '\\x7b7d', pk, $2, $3
                from channel where pk = $1 returning id""", channel, revision, withLeavers).getFirst().getLong(0);
    }

    /** So many commands to one user, in order. */
    public List<Long> commands(String uid, int count) {
        return sql("""
                insert into cmd (channel_id, channel_type, from_uid, client_msg_no, payload, uids)
                select 'direct', 8, 'back', gen_random_uuid()::text, '\\x7b7d', array[$1]
                from generate_series(1, $2) returning id""", uid, count).stream().map(row -> row.getLong(0)).sorted().toList();
    }

    /** A command to one user whose number was taken before others'. */
    public void late(long id, String uid) {
        sql("""
                insert into cmd (id, channel_id, channel_type, from_uid, client_msg_no, payload, uids)
                values ($1, 'direct', 8, 'back', gen_random_uuid()::text, '\\x7b7d', array[$2])""", id, uid);
    }

    /** Their time is over. */
    public void end(List<Long> ids) {
        sql("update cmd set expire = 1, created_at = now() - interval '1 hour' where id = any($1)", (Object)
                ids.toArray(Long[]::new));
    }

    public long command(String... uids) {
        return sql("""
                insert into cmd (channel_id, channel_type, from_uid, client_msg_no, payload, uids)
                values ('direct', 8, 'back', gen_random_uuid()::text, '\\x7b7d', $1) returning id""", (Object) uids).getFirst().getLong(0);
    }

    public boolean isDone(long command) {
        return sql("select done_at is not null from cmd where id = $1", command)
                .getFirst()
                .getBoolean(0);
    }

    public boolean allDone() {
        return sql("select from cmd where done_at is null limit 1").isEmpty();
    }

    /** The pointers of an inbox as text. */
    public List<String> inbox(String uid) {
        return inboxes(List.of(uid)).get(uid);
    }

    public Map<String, List<String>> inboxes(List<String> uids) {
        Map<String, List<String>> found = new HashMap<>();
        call(() -> Future.join(uids.stream()
                .map(uid -> redis.send(request(Command.LRANGE, UserKeys.inbox(uid), 0, -1))
                        .onSuccess(list -> found.put(
                                uid, list.stream().map(Response::toString).toList())))
                .toList()));
        return found;
    }

    public static List<String> pointers(long... commands) {
        List<String> pointers = new ArrayList<>();
        for (long command : commands) {
            pointers.add((pointers.size() + 1) + ":" + command);
        }
        return pointers;
    }

    /** Registered as an extension of a test it is closed after it. */
    @Override
    public void afterEach(ExtensionContext context) {
        close();
    }

    @Override
    public void close() {
        vertx.deploymentIDs().forEach(this::undeploy);
        call(redis::close);
        CompletableFuture<Void> closed = new CompletableFuture<>();
        vertx.close().onComplete(done -> closed.complete(null));
        closed.orTimeout(40, TimeUnit.SECONDS).join();
    }
}
