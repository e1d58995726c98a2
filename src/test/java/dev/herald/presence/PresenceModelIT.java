package dev.herald.presence;

import static dev.herald.presence.PresenceNode.now;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.herald.bus.message.PresenceMessage.OnlineRow;
import dev.herald.bus.message.PresenceMessage.SessionInfo;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.IntStream;
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
 * Whatever three nodes do to a user's three devices, and a fourth that dies before it records anything, the registry and
 * the events say what a simple model says, with reconciliation beside it.
 */
class PresenceModelIT {
    private static final int FLAGS = 3;
    private static final int MUTE = 3;
    private static final AtomicInteger USERS = new AtomicInteger();
    private static Trio nodes;

    enum Kind {
        OPEN,
        END,
        KICK,
        KICK_ALL
    }

    record Step(Kind kind, int node, int flag, boolean master, int device, int pick) {}

    @BeforeContainer
    static void start() {
        nodes = new Trio(Map.of());
    }

    @AfterContainer
    static void stop() {
        nodes.close();
    }

    @Provide
    Arbitrary<List<Step>> steps() {
        return Combinators.combine(
                        Arbitraries.frequency(
                                Tuple.of(6, Kind.OPEN),
                                Tuple.of(5, Kind.END),
                                Tuple.of(1, Kind.KICK),
                                Tuple.of(1, Kind.KICK_ALL)),
                        Arbitraries.integers().between(0, MUTE),
                        Arbitraries.integers().between(0, FLAGS - 1),
                        Arbitraries.frequency(Tuple.of(1, true), Tuple.of(3, false)),
                        Arbitraries.integers().between(0, 3),
                        Arbitraries.integers().between(0, 1_000))
                .as(Step::new)
                .list()
                .ofMinSize(1)
                .ofMaxSize(40);
    }

    @Property(tries = 60, shrinking = ShrinkingMode.BOUNDED)
    void registry_and_events_agree_with_the_model(@ForAll("steps") List<Step> steps) {
        int user = USERS.incrementAndGet();
        String uid = "m" + user;
        MuteNode mute = new MuteNode(nodes.node(0).vertx, nodes.redis, 10 + user);
        Model model = new Model();
        long version = 0;
        for (Step step : steps) {
            if (step.node() == MUTE) {
                take(mute, uid, model, step);
            } else {
                version = take(nodes.node(step.node()), uid, model, step, version);
            }
            assertThat(nodes.node(0).online(uid)).containsExactlyInAnyOrderElementsOf(model.rows(uid));
        }
        mute.die();
        model.remove(mute::holds);
        await().untilAsserted(() -> assertThat(edges(uid)).isEqualTo(model.edges));
        assertThat(events(uid)).extracting(event -> event.getLong("version")).doesNotHaveDuplicates();
    }

    private static long take(PresenceNode node, String uid, Model model, Step step, long version) {
        switch (step.kind()) {
            case OPEN -> {
                SessionInfo session = node.session(uid, step.flag(), step.master(), "d" + step.device());
                long opened = node.open(session);
                assertThat(opened).isGreaterThanOrEqualTo(version);
                model.open(session);
                return opened;
            }
            case END ->
                model.pick(step.pick()).ifPresent(session -> {
                    node.end(session);
                    model.remove(session::equals);
                });
            case KICK -> {
                node.kick(uid, step.flag());
                model.remove(session -> session.deviceFlag() == step.flag());
            }
            case KICK_ALL -> {
                node.kick(uid, -1);
                model.remove(session -> true);
            }
        }
        return version;
    }

    private static void take(MuteNode mute, String uid, Model model, Step step) {
        switch (step.kind()) {
            case OPEN -> {
                SessionInfo session = mute.session(uid, step.flag());
                now(mute.open(session));
                model.open(session);
            }
            case END ->
                model.pick(step.pick()).ifPresent(session -> {
                    mute.end(session);
                    model.remove(session::equals);
                });
            case KICK, KICK_ALL -> {
                mute.kick(uid);
                model.remove(session -> true);
            }
        }
    }

    private static List<String> edges(String uid) {
        return events(uid).stream()
                .map(event -> edge(
                        event.getInteger("device_flag"),
                        event.getInteger("device_online_count"),
                        event.getInteger("total_online_count")))
                .toList();
    }

    /** In the order in which they are delivered. */
    private static List<JsonObject> events(String uid) {
        return nodes.node(0).events(uid);
    }

    private static String edge(int flag, int count, int total) {
        return "flag %d count %d of %d".formatted(flag, count, total);
    }

    /** The sessions of one user, and the edges of its flags: a flag's edges alternate because its count does. */
    private static final class Model {
        final List<SessionInfo> sessions = new ArrayList<>();
        final List<SessionInfo> gone = new ArrayList<>();
        final List<String> edges = new ArrayList<>();

        void open(SessionInfo opened) {
            Predicate<SessionInfo> replaced = old -> old.deviceFlag() == opened.deviceFlag()
                    && (opened.master() || old.deviceId().equals(opened.deviceId()));
            int before = count(opened.deviceFlag());
            gone.addAll(sessions.stream().filter(replaced).toList());
            sessions.removeIf(replaced);
            sessions.add(opened);
            if (before == 0) {
                edges.add(edge(opened.deviceFlag(), 1, sessions.size()));
            }
        }

        void remove(Predicate<SessionInfo> ended) {
            List<Integer> before = IntStream.range(0, FLAGS)
                    .filter(flag -> count(flag) > 0)
                    .boxed()
                    .toList();
            sessions.removeIf(ended);
            before.stream().filter(flag -> count(flag) == 0).forEach(flag -> edges.add(edge(flag, 0, sessions.size())));
        }

        /** Any session, sometimes one that is already gone. */
        Optional<SessionInfo> pick(int number) {
            List<SessionInfo> all = new ArrayList<>(sessions);
            gone.stream().limit(1).forEach(all::add);
            return all.isEmpty() ? Optional.empty() : Optional.of(all.get(number % all.size()));
        }

        List<OnlineRow> rows(String uid) {
            return sessions.stream()
                    .map(session -> new OnlineRow(uid, session.deviceFlag(), session.master()))
                    .sorted(Comparator.comparingInt(OnlineRow::deviceFlag))
                    .toList();
        }

        private int count(int flag) {
            return (int) sessions.stream()
                    .filter(session -> session.deviceFlag() == flag)
                    .count();
        }
    }
}
