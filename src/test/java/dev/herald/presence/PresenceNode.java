package dev.herald.presence;

import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.message.PresenceMessage.EndReason;
import dev.herald.bus.message.PresenceMessage.EndSession;
import dev.herald.bus.message.PresenceMessage.KickDevice;
import dev.herald.bus.message.PresenceMessage.KickSession;
import dev.herald.bus.message.PresenceMessage.LiveSessions;
import dev.herald.bus.message.PresenceMessage.OnlineQuery;
import dev.herald.bus.message.PresenceMessage.OnlineRow;
import dev.herald.bus.message.PresenceMessage.OpenSession;
import dev.herald.bus.message.PresenceMessage.SessionInfo;
import dev.herald.bus.message.SocketMessage.CloseSessions;
import dev.herald.config.ConfigLoader;
import dev.herald.it.Nodes;
import dev.herald.it.TestRedis;
import dev.herald.postgres.PgClients;
import dev.herald.presence.node.NodeKeys;
import dev.herald.presencelog.PresenceLog;
import dev.herald.presencelog.UserPresence;
import dev.herald.redis.RedisGateway;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.json.JsonObject;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Response;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * A node with a presence verticle and nothing else; its methods wait for the answer. Beside keys of the configuration it
 * takes {@code look}: how often it renews its lease and looks for dead nodes.
 */
final class PresenceNode implements AutoCloseable {
    static final int APP = 0;

    /** Unless a test asks for it nothing is held: an offline is told at once. */
    private static final Map<String, String> NO_GRACE =
            Map.of("presence.grace", "PT0S", "presence.drain-grace", "PT0S", "presence.tiers.priority.grace", "PT0S");

    final Vertx vertx;
    final Bus bus;
    /** What lives as far as its socket is concerned. */
    final Map<Long, SessionInfo> sockets = new ConcurrentHashMap<>();

    final List<CloseSessions> closes = new CopyOnWriteArrayList<>();
    final long incarnation;
    final PgClients pg;
    final MeterRegistry meters = new SimpleMeterRegistry();
    private final RedisGateway redis;
    private final String deployment;
    private final boolean isAlone;
    private int sessions;
    volatile boolean socketsAnswer = true;

    /** @param verticleRedis as the verticle sees Redis, {@code redisUrl} as the test does */
    PresenceNode(long incarnation, String redisUrl, String verticleRedis, String pgUrl, Map<String, String> settings) {
        this(Vertx.vertx(), null, incarnation, redisUrl, verticleRedis, pgUrl, settings);
    }

    /** One of several nodes on one bus. */
    PresenceNode(Nodes nodes, int incarnation, String redis, String pgUrl, Map<String, String> settings) {
        this(nodes.vertx(incarnation), nodes.bus(incarnation), incarnation, redis, redis, pgUrl, settings);
    }

    private PresenceNode(
            Vertx vertx,
            @Nullable Bus shared,
            long incarnation,
            String redisUrl,
            String verticleRedis,
            String pgUrl,
            Map<String, String> settings) {
        this.vertx = vertx;
        this.bus = shared == null ? new Bus(vertx) : shared;
        this.isAlone = shared == null;
        this.incarnation = incarnation;
        this.pg = PgClients.open(vertx, pgUrl, 4);
        this.redis = now(RedisGateway.open(vertx, redisUrl));
        bus.serve(Addresses.SOCKETS_CLOSE, close -> {
            closes.add(close);
            close.ids().forEach(sockets::remove);
            return Future.succeededFuture();
        });
        Map<String, String> overrides = new HashMap<>(NO_GRACE);
        overrides.putAll(settings);
        Duration look = Duration.parse(Objects.requireNonNullElse(overrides.remove("look"), "PT0.2S"));
        overrides.put("redis.url", verticleRedis);
        deployment = now(vertx.deployVerticle(
                new PresenceVerticle(ConfigLoader.load(overrides), bus, pg, incarnation, meters, look, look)));
    }

    PresenceNode(long incarnation, String redisUrl, String pgUrl) {
        this(incarnation, redisUrl, redisUrl, pgUrl, Map.of());
    }

    /** From now on its sockets answer a roll call. */
    PresenceNode withSockets() {
        bus.serve(
                Addresses.SOCKETS_REPORT,
                report -> socketsAnswer
                        ? Future.succeededFuture(new LiveSessions(List.copyOf(sockets.values())))
                        : Future.failedFuture("an event loop is stuck"));
        return this;
    }

    SessionInfo session(String uid, int flag) {
        sessions++;
        return session(uid, flag, false, "d" + incarnation + "-" + sessions);
    }

    SessionInfo session(String uid, int flag, boolean master, String deviceId) {
        return new SessionInfo(SessionInfo.id(incarnation, ++sessions), uid, flag, master, deviceId);
    }

    SessionInfo open(String uid, int flag) {
        SessionInfo session = session(uid, flag);
        open(session);
        return session;
    }

    long open(SessionInfo session) {
        sockets.put(session.id(), session);
        return now(bus.request(Addresses.SESSION_OPEN, new OpenSession(session)))
                .version();
    }

    void end(SessionInfo session) {
        end(session, EndReason.CLOSE);
    }

    void end(SessionInfo session, EndReason reason) {
        sockets.remove(session.id());
        now(bus.request(Addresses.SESSION_END, new EndSession(session.id(), session.uid(), reason)));
    }

    void kick(String uid, int flag) {
        now(bus.request(Addresses.DEVICE_KICK, new KickDevice(uid, flag, "go")));
    }

    void kick(String uid, SessionInfo one) {
        now(bus.request(Addresses.SESSION_KICK, new KickSession(uid, one.id(), "go")));
    }

    List<OnlineRow> online(List<String> uids) {
        return now(bus.request(Addresses.ONLINE_QUERY, new OnlineQuery(uids))).rows();
    }

    List<OnlineRow> online(String uid) {
        return online(List.of(uid));
    }

    /** The recorded events of a user in the order in which they are delivered. */
    List<JsonObject> events(String uid) {
        var rows = now(pg.statements()
                .preparedQuery("select data from event where key = $1 and type = 'user.onlinestatus' order by txid, id")
                .execute(Tuple.of("u:" + uid)));
        return StreamSupport.stream(rows.spliterator(), false)
                .map(row -> row.getJsonObject(0))
                .toList();
    }

    /** The recorded events of a user, in that order, as {@code flag online reason deviceCount/totalCount}. */
    List<String> told(String uid) {
        return events(uid).stream()
                .map(data -> "%d %s %s %d/%d"
                        .formatted(
                                data.getInteger("device_flag"),
                                data.getBoolean("online") ? "on" : "off",
                                data.getString("reason"),
                                data.getInteger("device_online_count"),
                                data.getInteger("total_online_count")))
                .toList();
    }

    /** What its watchers were told of a user. */
    UserPresence stands(String uid) {
        return now(PresenceLog.find(pg.statements(), List.of(uid))).stream()
                .findFirst()
                .orElse(UserPresence.unknown(uid));
    }

    /** @param name with its term, as other nodes know it */
    boolean isListed(String name) {
        return redis(Command.SISMEMBER, NodeKeys.NODES, name).toInteger() == 1;
    }

    double counted(String counter, String... tags) {
        return meters.get(counter).tags(tags).counter().count();
    }

    @Nullable
    Response redis(Command command, Object... args) {
        return now(redis.send(TestRedis.request(command, args)));
    }

    static <T> T now(Future<T> future) {
        return future.toCompletionStage()
                .toCompletableFuture()
                .orTimeout(40, TimeUnit.SECONDS)
                .join();
    }

    /** Nothing of it runs after this returns: not its timers, and its connections are cut. */
    void kill() {
        ((VertxInternal) vertx)
                .nettyEventLoopGroup()
                .shutdownGracefully(0, 5, TimeUnit.SECONDS)
                .syncUninterruptibly();
    }

    @Override
    public void close() {
        now(vertx.undeploy(deployment));
        if (isAlone) {
            now(vertx.close());
        }
    }
}
