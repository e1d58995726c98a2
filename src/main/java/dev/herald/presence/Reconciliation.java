package dev.herald.presence;

import dev.herald.bus.Bus;
import dev.herald.bus.message.Done;
import dev.herald.bus.message.PresenceMessage.AlignUsers;
import dev.herald.bus.message.PresenceMessage.Difference;
import dev.herald.bus.message.PresenceMessage.Differences;
import dev.herald.bus.message.PresenceMessage.LiveSessions;
import dev.herald.config.HeraldConfig;
import dev.herald.lifecycle.Periodic;
import dev.herald.postgres.PgClients;
import dev.herald.presencelog.DriftLog;
import dev.herald.presencelog.PresenceLog;
import dev.herald.presencelog.UserPresence;
import dev.herald.redis.RedisGateway;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.SqlClient;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Everything of this node that compares what is with what is believed, each on its own timer. */
final class Reconciliation {
    private static final int PAGE = 250;
    /** At most; of walks that are due sooner a third of that: so soon another node goes on if this one dies. */
    private static final Duration PASS_LEASE = Duration.ofSeconds(15);

    private static final Duration LOOK = Duration.ofSeconds(1);
    private static final Duration LONGEST_LOOK = Duration.ofSeconds(5);
    private static final Duration LONGEST_ALARM_LOOK = Duration.ofSeconds(30);

    private final Vertx vertx;
    private final Pace pace;
    private final PgClients pg;
    private final HeraldConfig.Presence config;
    private final Peers peers;
    private final Heirs heirs;
    private final Tiers tiers;
    private final DriftRecorder drifts;
    private final RollCall roll;
    private final Examiner examiner;
    private final OwnWalk own;
    private final ClusterWalk users;
    private final ClusterWalk priority;
    private @Nullable Periodic ownTimer;

    /** What the walks go over, and by what they judge. */
    record Ground(
            RedisGateway redis,
            NodeLease lease,
            Peers peers,
            Heirs heirs,
            SessionRegistry registry,
            NodeList list,
            Residents residents,
            Sessions sessions,
            Tiers tiers,
            PresenceMeters meters) {}

    Reconciliation(Vertx vertx, Bus bus, PgClients pg, HeraldConfig.Presence config, Ground ground) {
        this.vertx = vertx;
        this.pace = new Pace(vertx);
        this.pg = pg;
        this.config = config;
        this.peers = ground.peers();
        this.heirs = ground.heirs();
        this.tiers = ground.tiers();
        Duration interval = config.reconcileInterval();
        NodeLease lease = ground.lease();
        this.drifts = new DriftRecorder(pg, bus, ground.meters(), lease.incarnation(), interval, config.driftAlarm());
        this.roll = new RollCall(bus, ground.residents(), ground.sessions(), drifts);
        this.examiner = new Examiner(
                bus,
                pg.statements(),
                ground.peers(),
                ground.registry(),
                ground.sessions(),
                drifts,
                new Grace(interval, interval),
                System::nanoTime);
        this.own = new OwnWalk(
                pace, ground.redis(), lease, ground.list(), ground.residents(), ground.sessions(), examiner, drifts);
        this.users = walk(ground, "users", within(interval), this::online);
        this.priority = walk(ground, "priority", priorityEvery(), this::priority);
    }

    List<Periodic> start() {
        Duration interval = config.reconcileInterval();
        Duration often = priorityEvery();
        Periodic ownUsers = Periodic.start(vertx, "own-users", within(interval), own::walk);
        ownTimer = ownUsers;
        return List.of(
                ownUsers,
                Periodic.start(vertx, "roll-call", often.dividedBy(2), roll::call),
                Periodic.start(vertx, "confirm-drift", LOOK, examiner::confirm),
                Periodic.start(vertx, "own-priority-users", often, () -> own.walk(tiers.priority())),
                Periodic.start(vertx, "all-users", shorter(LONGEST_LOOK, interval.dividedBy(20)), this::walkUsers),
                Periodic.start(vertx, "all-priority-users", shorter(LONGEST_LOOK, often.dividedBy(5)), priority::walk),
                Periodic.start(
                        vertx, "drift-alarm", shorter(LONGEST_ALARM_LOOK, interval.dividedBy(4)), drifts::watch));
    }

    /** The walks that are under way end soon. */
    void stop() {
        pace.stop();
    }

    Future<Done> report(LiveSessions live) {
        return roll.report(live);
    }

    Future<Done> align(AlignUsers message) {
        return examiner.claim(message.uids()).map(Done.DONE);
    }

    /** Looks at these users only; what differs is looked at again, and mended if it still does. */
    Future<Differences> verify(List<String> uids) {
        return examiner.verify(uids)
                .map(found -> new Differences(found.stream()
                        .map(drift -> new Difference(drift.kind().word(), drift.uid(), drift.detail()))
                        .toList()));
    }

    /** Who was changed while the connection was cut is looked at now. */
    void redisIsBack() {
        peers.redisIsBack();
        walkOwn();
    }

    /** Looks at the users of this node now. */
    void walkOwn() {
        if (ownTimer != null) {
            ownTimer.nudge();
        }
    }

    private Future<?> walkUsers() {
        return users.walk()
                .compose(ended -> ended
                        ? Future.join(heirs.forgetOld(), DriftLog.forgetOld(pg.statements()))
                        : Future.succeededFuture());
    }

    private ClusterWalk walk(Ground ground, String name, Duration every, ClusterWalk.Source source) {
        Duration lease = Collections.min(List.of(PASS_LEASE, Collections.max(List.of(LOOK, every.dividedBy(3)))));
        Passes passes = new Passes(pg.statements(), name, lease);
        return new ClusterWalk(pace, ground.lease(), ground.peers(), passes, examiner, every, source);
    }

    private Future<SortedMap<String, UserPresence>> online(String after) {
        return PresenceLog.online(pg.statements(), after, PAGE).map(Reconciliation::byUid);
    }

    private Future<SortedMap<String, UserPresence>> priority(String after) {
        List<String> uids = new TreeSet<>(tiers.priority())
                .tailSet(after, false).stream().limit(PAGE).toList();
        return uids.isEmpty() ? Future.succeededFuture(new TreeMap<>()) : told(pg.statements(), uids);
    }

    private static Future<SortedMap<String, UserPresence>> told(SqlClient pg, List<String> uids) {
        return PresenceLog.find(pg, uids).map(found -> {
            SortedMap<String, UserPresence> users = byUid(found);
            uids.forEach(uid -> users.computeIfAbsent(uid, UserPresence::unknown));
            return users;
        });
    }

    private static SortedMap<String, UserPresence> byUid(List<UserPresence> users) {
        return users.stream()
                .collect(Collectors.toMap(UserPresence::uid, Function.identity(), (one, other) -> one, TreeMap::new));
    }

    /** A walk takes time, and what it finds is looked at twice: within the interval all of it has to be over. */
    private static Duration within(Duration interval) {
        return interval.multipliedBy(4).dividedBy(5);
    }

    private Duration priorityEvery() {
        return config.tiers().priority().interval().dividedBy(2);
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }
}
