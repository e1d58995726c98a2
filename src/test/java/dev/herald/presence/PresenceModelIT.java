package dev.herald.presence;

import static dev.herald.presence.PresenceNode.now;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.herald.bus.message.PresenceMessage.OnlineRow;
import dev.herald.bus.message.PresenceMessage.SessionInfo;
import dev.herald.it.Sql;
import dev.herald.presence.node.NodeKeys;
import dev.herald.presence.node.NodeLease;
import io.vertx.core.json.JsonObject;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Response;
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
 * Whatever three nodes do to a user's three devices, and a fourth that dies again and again before it records anything,
 * the registry and the events say what a simple model says, with reconciliation beside it. One of the three loses its
 * lease now and then and comes back under another name, with its sessions.
 */
class PresenceModelIT {
    private static final int FLAGS = 3;
    private static final int MUTE = 3;
    private static final int LAPSING = 2;
    private static final AtomicInteger USERS = new AtomicInteger();
    private static final AtomicInteger MUTES = new AtomicInteger(10);
    private static Trio nodes;

    enum Kind {
        OPEN,
        END,
        KICK,
        KICK_ALL,
        KILL,
        LAPSE
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
                                Tuple.of(12, Kind.OPEN),
                                Tuple.of(10, Kind.END),
                                Tuple.of(2, Kind.KICK),
                                Tuple.of(2, Kind.KICK_ALL),
                                Tuple.of(1, Kind.KILL),
                                Tuple.of(1, Kind.LAPSE)),
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

    @Property(tries = 50, shrinking = ShrinkingMode.BOUNDED)
    void registry_and_events_agree_with_the_model(@ForAll("steps") List<Step> steps) {
        Run run = new Run("m" + USERS.incrementAndGet());
        for (Step step : steps) {
            run.take(step);
            await().untilAsserted(() -> assertThat(nodes.node(0).online(run.uid))
                    .containsExactlyInAnyOrderElementsOf(run.model.rows(run.uid)));
        }
        run.kill();
        await().untilAsserted(() -> assertThat(edges(run.uid)).isEqualTo(run.model.edges));
        assertThat(events(run.uid))
                .extracting(event -> event.getLong("version"))
                .doesNotHaveDuplicates();
    }

    /** What is done to one user, by the nodes and in the model. */
    private static final class Run {
        final String uid;
        final Model model = new Model();
        private MuteNode mute = begin();
        private long version;

        Run(String uid) {
            this.uid = uid;
        }

        void take(Step step) {
            switch (step.kind()) {
                case OPEN -> open(step);
                case END -> model.pick(step.pick()).ifPresent(this::end);
                case KICK, KICK_ALL -> kick(step);
                case KILL -> {
                    kill();
                    mute = begin();
                }
                case LAPSE -> lapse();
            }
        }

        /** Whoever has taken over what it left tells it. */
        void kill() {
            mute.die();
            model.remove(mute::holds);
        }

        private static MuteNode begin() {
            return new MuteNode(nodes.node(0).vertx, nodes.redis, MUTES.incrementAndGet());
        }

        private void open(Step step) {
            if (step.node() == MUTE) {
                SessionInfo session = mute.session(uid, step.flag());
                now(mute.open(session));
                model.open(session);
                return;
            }
            PresenceNode node = nodes.node(step.node());
            SessionInfo session = node.session(uid, step.flag(), step.master(), "d" + step.device());
            long opened = node.open(session);
            assertThat(opened).isGreaterThanOrEqualTo(version);
            version = opened;
            model.open(session);
        }

        /** On the node of the session, as its socket does it. */
        private void end(SessionInfo session) {
            long incarnation = SessionInfo.incarnationOf(session.id());
            if (incarnation > MUTE) {
                mute.end(session);
            } else {
                nodes.node((int) incarnation - 1).end(session);
            }
            model.remove(session::equals);
        }

        private void kick(Step step) {
            boolean all = step.kind() == Kind.KICK_ALL || step.node() == MUTE;
            if (step.node() == MUTE) {
                mute.kick(uid);
            } else {
                nodes.node(step.node()).kick(uid, all ? -1 : step.flag());
            }
            model.remove(session -> all || session.deviceFlag() == step.flag());
        }

        /** Nobody else is first to take it over, so it goes on with its sessions and there is nothing to tell. */
        private static void lapse() {
            PresenceNode node = nodes.node(LAPSING);
            String prefix = node.incarnation + ".";
            int term = node.redis(Command.SMEMBERS, NodeKeys.NODES).stream()
                    .map(Response::toString)
                    .filter(name -> name.startsWith(prefix))
                    .mapToInt(name -> Integer.parseInt(name.substring(prefix.length())))
                    .max()
                    .orElseThrow();
            new Sql(node.pg.statements())
                    .run("insert into presence_heir (node, heir) values ('%1$s%2$d', '%1$s%3$d') on conflict do nothing"
                            .formatted(prefix, term, term + 1));
            node.redis(Command.DEL, NodeKeys.lease(prefix + term));
            await().until(() -> String.valueOf(node.redis(Command.GET, NodeKeys.lease(prefix + (term + 1))))
                    .equals(NodeLease.READY));
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
