package dev.herald.presence.reconcile;

import dev.herald.bus.Bus;
import dev.herald.bus.message.Done;
import dev.herald.bus.message.PresenceMessage.AlignUsers;
import dev.herald.bus.message.PresenceMessage.Difference;
import dev.herald.bus.message.PresenceMessage.Differences;
import dev.herald.config.HeraldConfig;
import dev.herald.lifecycle.Periodic;
import dev.herald.postgres.PgClients;
import dev.herald.presence.node.Heirs;
import dev.herald.presence.node.NodeLease;
import dev.herald.presence.node.NodeList;
import dev.herald.presence.node.Peers;
import dev.herald.presence.registry.Grace;
import dev.herald.presence.registry.SessionRegistry;
import dev.herald.presence.session.Recent;
import dev.herald.presence.session.Residents;
import dev.herald.presence.session.Sessions;
import dev.herald.presence.session.Tiers;
import dev.herald.presencelog.DriftLog;
import dev.herald.presencelog.PresenceLog;
import dev.herald.presencelog.UserPresence;
import dev.herald.redis.RedisGateway;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.SqlClient;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Everything of this node that compares what is with what is believed, each on its own timer. */
public final class Reconciliation {
    private static final int PAGE = 250;

    /** Found and not yet mended, before walks wait; five seconds' work. */
    private static final int SUSPECTS = 10_000;

    /** At most; of walks that are due sooner a third of that: so soon another node goes on if this one dies. */
    private static final Duration PASS_LEASE = Duration.ofSeconds(15);

    private static final Duration LOOK = Duration.ofSeconds(1);
    private static final Duration LONGEST_LOOK = Duration.ofSeconds(5);
    private static final Duration LONGEST_ALARM_LOOK = Duration.ofSeconds(30);

    private final Vertx vertx;
    private final Suspects suspects;
    private final Pace pace;
    private final Pace hurry;
    private final PgClients pg;
    private final HeraldConfig.Presence config;
    private final NodeLease lease;
    private final Peers peers;
    private final Residents residents;
    private final Recent recent;
    private final Heirs heirs;
    private final Tiers tiers;
    private final DriftRecorder drifts;
    private final RollCall roll;
    private final DriftMeters meters;
    private final Examiner examiner;
    private final OwnWalk own;
    private final ClusterWalk users;
    private final ClusterWalk priority;
    private final ClusterWalk registry;
    private @Nullable Periodic ownTimer;

    /** What the walks go over, and by what they judge. */
    public record Ground(
            RedisGateway redis,
            NodeLease lease,
            Peers peers,
            Heirs heirs,
            SessionRegistry registry,
            NodeList list,
            Residents residents,
            Recent recent,
            Sessions sessions,
            Tiers tiers,
            MeterRegistry metrics) {}

    public Reconciliation(Vertx vertx, Bus bus, PgClients pg, HeraldConfig.Presence config, Ground ground) {
        this.vertx = vertx;
        this.suspects = new Suspects(
                System::nanoTime, SUSPECTS, uid -> ground.tiers().priority().contains(uid));
        this.pace = new Pace(vertx, suspects::hasRoom);
        this.hurry = new Pace(vertx, () -> true);
        this.pg = pg;
        this.config = config;
        this.lease = ground.lease();
        this.peers = ground.peers();
        this.residents = ground.residents();
        this.recent = ground.recent();
        this.heirs = ground.heirs();
        this.tiers = ground.tiers();
        Duration interval = config.reconcileInterval();
        this.meters = new DriftMeters(ground.metrics());
        this.drifts = new DriftRecorder(pg, bus, meters, lease.incarnation(), interval, config.driftAlarm());
        this.roll = new RollCall(bus, ground.residents(), ground.sessions(), drifts, meters);
        this.examiner = new Examiner(
                bus,
                pg.statements(),
                ground.peers(),
                ground.registry(),
                ground.sessions(),
                drifts,
                this::unanswered,
                suspects);
        this.own = new OwnWalk(
                ground.redis(),
                ground.lease(),
                ground.list(),
                ground.residents(),
                ground.recent(),
                ground.sessions(),
                examiner,
                drifts);
        this.users = walk(ground, pace, "users", within(interval), after -> examine(online(after)));
        this.priority = walk(ground, hurry, "priority", priorityEvery(), after -> examine(priority(after)));
        RegistryWalk all = new RegistryWalk(bus, pg.statements(), ground.redis(), peers, residents, examiner);
        this.registry = walk(ground, pace, "registry", within(interval), all);
    }

    /** Until then a node that lives has had its next look at the user, and one that does not is gone. */
    private Grace unanswered(String uid) {
        Duration hold =
                tiers.priority().contains(uid) ? lease.length().plus(priorityEvery()) : config.reconcileInterval();
        return new Grace(hold, hold);
    }

    public List<Periodic> start() {
        Duration interval = config.reconcileInterval();
        Duration often = priorityEvery();
        Periodic ownUsers = walk("own-users", within(interval), () -> own.walk(pace));
        ownTimer = ownUsers;
        return List.of(
                ownUsers,
                walk("roll-call", often.dividedBy(2), roll::call),
                walk("second-look", LOOK, () -> examiner.confirm().map(true)),
                walk("own-priority-users", often, this::walkOwnPriority),
                walk("recent-users", shorter(LONGEST_LOOK, lease.length()), this::lookAgain),
                walk("all-users", shorter(LONGEST_LOOK, interval.dividedBy(20)), this::walkUsers),
                walk("registry", shorter(LONGEST_LOOK, interval.dividedBy(20)), registry::walk),
                walk("all-priority-users", shorter(LONGEST_LOOK, often.dividedBy(5)), this::walkPriority),
                Periodic.start(
                        vertx, "drift-alarm", shorter(LONGEST_ALARM_LOOK, interval.dividedBy(4)), drifts::watch));
    }

    /** @param work true if it walked to the end, which counts; false if it was not its time or its turn */
    private Periodic walk(String name, Duration every, Supplier<Future<Boolean>> work) {
        Counter ended = meters.walks(name);
        return Periodic.start(vertx, name, every, () -> work.get().onSuccess(whole -> ended.increment(whole ? 1 : 0)));
    }

    /** Users to be looked at again. */
    public int suspects() {
        return suspects.size();
    }

    /** The walks that are under way end soon. */
    public void stop() {
        pace.stop();
        hurry.stop();
    }

    public Future<Done> align(AlignUsers message) {
        return examiner.claim(message.uids()).map(Done.DONE);
    }

    /** Looks at these users only; what differs is looked at again, and mended if it still does. */
    public Future<Differences> verify(List<String> uids) {
        return examiner.verify(uids)
                .map(found -> new Differences(found.stream()
                        .map(drift -> new Difference(drift.kind().word(), drift.uid(), drift.detail()))
                        .toList()));
    }

    /** Who was changed before the connection was cut, or while it was, is looked at now. */
    public void redisIsBack() {
        peers.redisIsBack();
        recent.hold();
        walkOwn();
    }

    /** Looks at the users of this node now. */
    public void walkOwn() {
        if (ownTimer != null) {
            ownTimer.nudge();
        }
    }

    private Future<Boolean> walkOwnPriority() {
        return own.walk(hurry, tiers.priority().stream().filter(residents::has).collect(Collectors.toSet()));
    }

    /** Once more when nodes have come back, and are swept if they have not: before that not everything is judged. */
    private Future<Boolean> lookAgain() {
        if (!recent.isHeld() || !lease.isHeld() || !lease.isReady()) {
            return Future.succeededFuture(false);
        }
        return peers.look()
                .compose(view -> view.isSettled() && view.dead().isEmpty()
                        ? own.walk(pace, recent.users()).onSuccess(walked -> recent.release())
                        : Future.succeededFuture(false));
    }

    /** Most have no such users. */
    private Future<Boolean> walkPriority() {
        return tiers.priority().isEmpty() ? Future.succeededFuture(false) : priority.walk();
    }

    private Future<Boolean> walkUsers() {
        return users.walk()
                .compose(ended -> ended
                        ? Future.join(heirs.forgetOld(), DriftLog.forgetOld(pg.statements()))
                                .map(true)
                        : Future.succeededFuture(false));
    }

    private ClusterWalk walk(Ground ground, Pace pace, String name, Duration every, ClusterWalk.Steps steps) {
        Duration lease = Collections.min(List.of(PASS_LEASE, Collections.max(List.of(LOOK, every.dividedBy(3)))));
        Passes passes = new Passes(pg.statements(), name, lease);
        return new ClusterWalk(pace, ground.lease(), ground.peers(), passes, every, steps);
    }

    /** The next users by uid, each with what was told. */
    private Future<Optional<String>> examine(Future<SortedMap<String, UserPresence>> page) {
        return page.compose(users -> users.isEmpty()
                ? Future.succeededFuture(Optional.empty())
                : examiner.examine(List.copyOf(users.keySet()), Map.copyOf(users))
                        .map(Optional.of(users.lastKey())));
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
