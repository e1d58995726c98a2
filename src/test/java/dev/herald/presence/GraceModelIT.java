package dev.herald.presence;

import static dev.herald.presence.PresenceNode.now;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.herald.bus.Addresses;
import dev.herald.bus.message.PresenceMessage.EndReason;
import dev.herald.bus.message.PresenceMessage.EndSession;
import dev.herald.bus.message.PresenceMessage.OpenSession;
import dev.herald.bus.message.PresenceMessage.SessionInfo;
import dev.herald.presence.reconcile.Drift;
import dev.herald.presencelog.UserPresence;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tuple;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/**
 * Devices come and go on three nodes within the grace and past it, and on a fourth that dies in the middle of it and has
 * told nobody of anything, without waiting for each other's answers: whatever was held, cancelled or told on the way, in
 * the end it was told right, and nothing was told that did not happen, nor has reconciliation, which runs beside it,
 * anything to add.
 */
class GraceModelIT {
    private static final int FLAGS = 2;
    private static final int MORTAL = 3;
    private static final AtomicInteger USERS = new AtomicInteger();
    private static final AtomicInteger MORTALS = new AtomicInteger(10);
    private static Trio nodes;

    enum Kind {
        OPEN,
        END,
        KICK,
        KILL
    }

    /** @param pauseMs before the next one */
    record Step(Kind kind, int node, int flag, int pauseMs) {}

    @BeforeContainer
    static void start() {
        nodes = new Trio(Map.of("presence.grace", "PT0.15S", "presence.max-hold", "PT0.6S"));
    }

    @AfterContainer
    static void stop() {
        nodes.close();
    }

    @Provide
    Arbitrary<List<Step>> steps() {
        return Combinators.combine(
                        Arbitraries.frequency(
                                Tuple.of(10, Kind.OPEN),
                                Tuple.of(9, Kind.END),
                                Tuple.of(1, Kind.KICK),
                                Tuple.of(2, Kind.KILL)),
                        Arbitraries.integers().between(0, MORTAL),
                        Arbitraries.integers().between(0, FLAGS - 1),
                        Arbitraries.of(0, 0, 0, 5, 50, 140, 160, 300))
                .as(Step::new)
                .list()
                .ofMinSize(2)
                .ofMaxSize(14);
    }

    @Property(tries = 15, shrinking = ShrinkingMode.OFF)
    void what_is_told_is_what_happened(@ForAll("steps") List<Step> steps) {
        String uid = "g" + USERS.incrementAndGet();
        Run run = new Run(uid);
        for (Step step : steps) {
            run.take(step);
        }
        run.kill();
        now(Future.join(run.underWay).otherwiseEmpty());

        await().untilAsserted(() -> {
            UserPresence told = nodes.node(0).stands(uid);
            assertThat(told.devices().keySet()).isEqualTo(run.liveFlags());
            assertThat(told.online()).isEqualTo(!run.liveFlags().isEmpty());
            List<JsonObject> events = nodes.node(0).events(uid);
            assertThat(told.version())
                    .isEqualTo(events.isEmpty() ? 0 : events.getLast().getLong("version"));
        });
        List<JsonObject> events = nodes.node(0).events(uid);
        assertThat(events)
                .extracting(event -> event.getLong("version"))
                .isSorted()
                .doesNotHaveDuplicates();
        for (int flag = 0; flag < FLAGS; flag++) {
            assertTurns(events, flag, run);
        }
        // On a busy machine what the mortal node left may have waited for so long that a walk found it.
        assertThat(nodes.mended()).allMatch(mended -> mended.startsWith(Drift.Kind.UNRECORDED_EDGE.word()));
        run.close();
    }

    /** On and off in turns, and no more of them than sessions that came and went. */
    private static void assertTurns(List<JsonObject> events, int flag, Run run) {
        List<JsonObject> ofFlag = events.stream()
                .filter(event -> event.getInteger("device_flag") == flag)
                .toList();
        for (int i = 0; i < ofFlag.size(); i++) {
            assertThat(ofFlag.get(i).getBoolean("online")).isEqualTo(i % 2 == 0);
        }
        assertThat(ofFlag.stream().filter(event -> event.getBoolean("online")).count())
                .isLessThanOrEqualTo(run.opened.getOrDefault(flag, 0));
        assertThat(ofFlag.stream().filter(event -> !event.getBoolean("online")).count())
                .isLessThanOrEqualTo(run.ended.getOrDefault(flag, 0));
    }

    /** Of one user: what was done, and what lives after it. */
    private static final class Run {
        final String uid;
        final List<SessionInfo> live = new ArrayList<>();
        final Map<Integer, Integer> opened = new HashMap<>();
        final Map<Integer, Integer> ended = new HashMap<>();
        final List<Future<?>> underWay = new ArrayList<>();
        private final List<Future<?>> last = new ArrayList<>();
        private MuteNode mortal = begin();

        Run(String uid) {
            this.uid = uid;
        }

        void take(Step step) {
            if (step.kind() == Kind.KILL) {
                kill();
                mortal = begin();
            } else if (step.kind() == Kind.OPEN || live.isEmpty()) {
                opened.merge(step.flag(), 1, Integer::sum);
                live.add(step.node() == MORTAL ? comeToMortal(step.flag()) : come(step.node(), step.flag()));
            } else {
                SessionInfo session = live.removeFirst();
                ended.merge(session.deviceFlag(), 1, Integer::sum);
                underWay.add(end(session, step.kind() == Kind.KICK ? EndReason.KICKED : EndReason.CLOSE));
            }
            now(pause(nodes.node(0), step.pauseMs()));
        }

        /** What it has sent has arrived: who is dead sends nothing more. The others do not wait. */
        void kill() {
            now(Future.join(last).otherwiseEmpty());
            last.clear();
            mortal.die();
            live.stream().filter(mortal::holds).forEach(session -> ended.merge(session.deviceFlag(), 1, Integer::sum));
            live.removeIf(mortal::holds);
        }

        private static MuteNode begin() {
            return new MuteNode(nodes.node(0).vertx, nodes.redis, MORTALS.incrementAndGet());
        }

        private SessionInfo come(int number, int flag) {
            PresenceNode node = nodes.node(number);
            SessionInfo session = node.session(uid, flag);
            node.sockets.put(session.id(), session);
            underWay.add(node.bus.request(Addresses.SESSION_OPEN, new OpenSession(session)));
            return session;
        }

        private SessionInfo comeToMortal(int flag) {
            SessionInfo session = mortal.session(uid, flag);
            last.add(mortal.open(session));
            return session;
        }

        Set<Integer> liveFlags() {
            return live.stream().map(SessionInfo::deviceFlag).collect(Collectors.toCollection(TreeSet::new));
        }

        void close() {
            now(Future.join(
                    live.stream().map(session -> end(session, EndReason.CLOSE)).toList()));
        }

        /** On the node of the session, as its socket does it. */
        private Future<?> end(SessionInfo session, EndReason reason) {
            if (mortal.holds(session)) {
                Future<?> ended = mortal.ending(session);
                last.add(ended);
                return ended;
            }
            PresenceNode node = nodes.node((int) SessionInfo.incarnationOf(session.id()) - 1);
            node.sockets.remove(session.id());
            return node.bus.request(Addresses.SESSION_END, new EndSession(session.id(), uid, reason));
        }

        private static Future<Void> pause(PresenceNode node, int millis) {
            Promise<Void> over = Promise.promise();
            if (millis == 0) {
                over.complete();
            } else {
                node.vertx.setTimer(millis, timer -> over.complete());
            }
            return over.future();
        }
    }
}
