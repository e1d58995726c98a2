package dev.herald.presence.reconcile;

import dev.herald.bus.Bus;
import dev.herald.bus.message.Done;
import dev.herald.bus.message.PresenceMessage.AlignUsers;
import dev.herald.bus.message.PresenceMessage.Difference;
import dev.herald.bus.message.PresenceMessage.Differences;
import dev.herald.bus.message.PresenceMessage.VerifyUsers;
import dev.herald.config.HeraldConfig;
import dev.herald.lifecycle.Periodic;
import dev.herald.postgres.PgClients;
import dev.herald.presence.node.Node;
import dev.herald.presence.registry.Grace;
import dev.herald.presence.registry.SessionRegistry;
import dev.herald.presence.session.OwnSessions;
import dev.herald.presencelog.DriftLog;
import dev.herald.presencelog.PresenceLog;
import dev.herald.presencelog.UserPresence;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
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
    private final PgClients pg;
    private final Node node;
    private final OwnSessions sessions;
    private final Duration interval;
    private final Duration priorityEvery;
    private final DriftMeters meters;
    private final Pace pace;
    private final Pace hurry;
    private final DriftRecorder drifts;
    private final Examiner examiner;
    private final RollCall roll;
    private final OwnWalk own;
    private final ClusterWalk users;
    private final ClusterWalk priority;
    private final ClusterWalk registry;
    private @Nullable Periodic ownTimer;

    public Reconciliation(
            Vertx vertx,
            Bus bus,
            PgClients pg,
            HeraldConfig.Presence config,
            Node node,
            SessionRegistry registry,
            OwnSessions sessions,
            MeterRegistry metrics) {
        this.vertx = vertx;
        this.pg = pg;
        this.node = node;
        this.sessions = sessions;
        this.interval = config.reconcileInterval();
        this.priorityEvery = config.tiers().priority().interval().dividedBy(2);
        this.meters = new DriftMeters(metrics);
        Suspects suspects = new Suspects(System::nanoTime, SUSPECTS, sessions.tiers()::isPriority);
        sessions.meters()
                .gauge("herald.presence.suspects", "Users to be looked at again; at 10,000 walks wait", suspects::size);
        this.pace = new Pace(vertx, suspects::hasRoom);
        this.hurry = new Pace(vertx, () -> true);
        this.drifts = new DriftRecorder(pg, bus, meters, node.lease().incarnation(), interval, config.driftAlarm());
        this.examiner = new Examiner(
                bus, pg.statements(), node.peers(), registry, sessions, drifts, this::unanswered, suspects);
        this.roll = new RollCall(bus, sessions, drifts, meters);
        this.own = new OwnWalk(node, sessions, examiner, drifts);
        this.users = walk(pace, "users", within(interval), this::examineOnline);
        this.priority = walk(hurry, "priority", priorityEvery, this::examinePriority);
        this.registry = walk(
                pace,
                "registry",
                within(interval),
                new RegistryWalk(bus, pg.statements(), node, sessions.residents(), examiner));
    }

    /** Until then a node that lives has had its next look at the user, and one that does not is gone. */
    private Grace unanswered(String uid) {
        Duration hold = sessions.tiers().isPriority(uid) ? node.lease().length().plus(priorityEvery) : interval;
        return new Grace(hold, hold);
    }

    public List<Periodic> start() {
        Periodic ownUsers = walk("own-users", within(interval), () -> own.walk(pace));
        ownTimer = ownUsers;
        return List.of(
                ownUsers,
                walk("roll-call", priorityEvery.dividedBy(2), roll::call),
                walk("second-look", LOOK, () -> examiner.confirm().map(true)),
                walk("own-priority-users", priorityEvery, this::walkOwnPriority),
                walk("recent-users", shorter(LONGEST_LOOK, node.lease().length()), this::lookAgain),
                walk("all-users", shorter(LONGEST_LOOK, interval.dividedBy(20)), this::walkUsers),
                walk("registry", shorter(LONGEST_LOOK, interval.dividedBy(20)), registry::walk),
                walk("all-priority-users", shorter(LONGEST_LOOK, priorityEvery.dividedBy(5)), this::walkPriority),
                Periodic.start(
                        vertx, "drift-alarm", shorter(LONGEST_ALARM_LOOK, interval.dividedBy(4)), drifts::watch));
    }

    /** @param work true if it walked to the end, which counts; false if it was not its time or its turn */
    private Periodic walk(String name, Duration every, Supplier<Future<Boolean>> work) {
        Counter ended = meters.walks(name);
        return Periodic.start(vertx, name, every, () -> work.get().onSuccess(whole -> ended.increment(whole ? 1 : 0)));
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
    public Future<Differences> verify(VerifyUsers message) {
        return examiner.verify(message.uids())
                .map(found -> new Differences(found.stream()
                        .map(drift -> new Difference(drift.kind().word(), drift.uid(), drift.detail()))
                        .toList()));
    }

    /** Who was changed before the connection was cut, or while it was, is looked at now. */
    public void redisIsBack() {
        node.peers().redisIsBack();
        sessions.recent().hold();
        walkOwn();
    }

    /** Looks at the users of this node now. */
    public void walkOwn() {
        if (ownTimer != null) {
            ownTimer.nudge();
        }
    }

    private Future<Boolean> walkOwnPriority() {
        return own.walk(
                hurry,
                sessions.tiers().priority().stream()
                        .filter(sessions.residents()::has)
                        .collect(Collectors.toSet()));
    }

    /** Once more when nodes have come back, and are swept if they have not: before that not everything is judged. */
    private Future<Boolean> lookAgain() {
        if (!sessions.recent().isHeld() || !node.lease().mayJudge()) {
            return Future.succeededFuture(false);
        }
        return node.peers()
                .look()
                .compose(view -> view.isSettled() && view.dead().isEmpty()
                        ? own.walk(pace, sessions.recent().users())
                                .onSuccess(walked -> sessions.recent().release())
                        : Future.succeededFuture(false));
    }

    /** Most have no such users. */
    private Future<Boolean> walkPriority() {
        return sessions.tiers().priority().isEmpty() ? Future.succeededFuture(false) : priority.walk();
    }

    private Future<Boolean> walkUsers() {
        return users.walk()
                .compose(ended -> ended
                        ? Future.join(node.heirs().forgetOld(), DriftLog.forgetOld(pg.statements()))
                                .map(true)
                        : Future.succeededFuture(false));
    }

    private ClusterWalk walk(Pace pace, String name, Duration every, ClusterWalk.Steps steps) {
        Duration lease = Collections.min(List.of(PASS_LEASE, Collections.max(List.of(LOOK, every.dividedBy(3)))));
        return new ClusterWalk(pace, node, new Passes(pg.statements(), name, lease), every, steps);
    }

    private Future<Optional<String>> examineOnline(String after) {
        return PresenceLog.online(pg.statements(), after, PAGE).compose(this::examine);
    }

    private Future<Optional<String>> examinePriority(String after) {
        List<String> uids = new TreeSet<>(sessions.tiers().priority())
                .tailSet(after, false).stream().limit(PAGE).toList();
        return uids.isEmpty()
                ? Future.succeededFuture(Optional.empty())
                : PresenceLog.findAll(pg.statements(), uids).compose(this::examine);
    }

    /** @param page of users, each with what was told */
    private Future<Optional<String>> examine(List<UserPresence> page) {
        return page.isEmpty()
                ? Future.succeededFuture(Optional.empty())
                : examiner.examineTold(page).map(Optional.of(page.getLast().uid()));
    }

    /** A walk takes time, and what it finds is looked at twice: within the interval all of it has to be over. */
    private static Duration within(Duration interval) {
        return interval.multipliedBy(4).dividedBy(5);
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }
}
