package dev.herald.presence.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.bus.message.PresenceMessage.SessionInfo;
import dev.herald.presence.reconcile.Drift.Kind;
import dev.herald.presence.reconcile.Drift.Repair;
import dev.herald.presence.registry.Look;
import dev.herald.presence.registry.Look.Entry;
import dev.herald.presencelog.UserPresence;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** One user on three nodes, and a registry and a last word about it that may say anything. */
class ReconcilerProperties {
    private static final String UID = "u1";
    private static final int NODES = 3;
    private static final int FLAGS = 3;
    private static final long NOW = 1_000_000_000;

    /** A socket: on which node, with which flag. */
    record Socket(int node, int flag) {}

    /** What the registry says of a session: that of a socket, or of none, under any node's name. */
    record Claim(int socket, int flag, int holder) {}

    @Provide
    Arbitrary<List<Socket>> sockets() {
        return Combinators.combine(
                        Arbitraries.integers().between(1, NODES),
                        Arbitraries.integers().between(0, FLAGS - 1))
                .as(Socket::new)
                .list()
                .ofMaxSize(5);
    }

    /** One more node than there are is one that nobody knows. */
    @Provide
    Arbitrary<List<Claim>> claims() {
        return Combinators.combine(
                        Arbitraries.integers().between(0, 7),
                        Arbitraries.integers().between(0, FLAGS - 1),
                        Arbitraries.integers().between(1, NODES + 1))
                .as(Claim::new)
                .list()
                .ofMaxSize(6);
    }

    @Provide
    Arbitrary<Set<Integer>> flags() {
        return Arbitraries.integers().between(0, FLAGS - 1).set().ofMaxSize(FLAGS);
    }

    @Property
    void where_all_agree_nothing_is_found(@ForAll("sockets") List<Socket> sockets) {
        World world = new World(sockets);
        world.agree();
        IntStream.rangeClosed(1, NODES)
                .forEach(node -> assertThat(world.compare(node)).isEmpty());
    }

    @Property(tries = 3_000)
    void whatever_registry_and_last_word_say_the_nodes_mend_it_in_any_order(
            @ForAll("sockets") List<Socket> sockets,
            @ForAll("claims") List<Claim> claims,
            @ForAll("flags") Set<Integer> announced,
            @ForAll("flags") Set<Integer> told,
            @ForAll("order") List<Integer> order) {
        World world = new World(sockets);
        claims.forEach(world::claim);
        announced.forEach(flag -> world.announced.put(flag, 0L));
        world.told.addAll(told);

        order.forEach(world::pass);
        for (int round = 0; round < 4; round++) {
            IntStream.rangeClosed(1, NODES).forEach(world::pass);
        }

        IntStream.rangeClosed(1, NODES)
                .forEach(node -> assertThat(world.compare(node)).isEmpty());
        assertThat(world.entries).isEqualTo(world.truth());
        assertThat(world.announced.keySet()).isEqualTo(world.liveFlags());
        assertThat(world.told).isEqualTo(world.liveFlags());
    }

    @Property
    void nobody_with_a_socket_is_told_offline(
            @ForAll("sockets") List<Socket> sockets,
            @ForAll("claims") List<Claim> claims,
            @ForAll("order") List<Integer> order) {
        World world = new World(sockets);
        world.agree();
        claims.forEach(world::claim);
        world.entries.keySet().removeIf(id -> id % 2 == 0);

        order.forEach(world::pass);

        assertThat(world.offlines).noneMatch(world.liveFlags()::contains);
    }

    @Provide
    Arbitrary<List<Integer>> order() {
        return Arbitraries.integers().between(1, NODES).list().ofMaxSize(8);
    }

    /** The registry behaves as {@code session-change.lua} says. */
    private static final class World {
        final Map<Long, SessionInfo> sockets = new TreeMap<>();
        final Map<Long, Entry> entries = new TreeMap<>();
        final Map<Integer, Long> announced = new HashMap<>();
        final Set<Integer> told = new HashSet<>();
        final List<Integer> offlines = new ArrayList<>();
        long version = NOW - 1_000;

        World(List<Socket> all) {
            for (Socket socket : all) {
                long id = SessionInfo.id(socket.node(), sockets.size() + 1);
                sockets.put(id, new SessionInfo(id, UID, socket.flag(), false, "d"));
            }
        }

        void agree() {
            entries.putAll(truth());
            liveFlags().forEach(flag -> announced.put(flag, 0L));
            told.addAll(liveFlags());
        }

        void claim(Claim claim) {
            List<SessionInfo> all = List.copyOf(sockets.values());
            boolean isReal = claim.socket() < all.size();
            long id = isReal ? all.get(claim.socket()).id() : SessionInfo.id(claim.holder(), 100 + claim.socket());
            int flag = isReal ? all.get(claim.socket()).deviceFlag() : claim.flag();
            entries.put(id, new Entry(id, flag, name(claim.holder())));
        }

        Map<Long, Entry> truth() {
            return sockets.values().stream()
                    .collect(Collectors.toMap(SessionInfo::id, World::entry, (one, other) -> one, TreeMap::new));
        }

        Set<Integer> liveFlags() {
            return sockets.values().stream().map(SessionInfo::deviceFlag).collect(Collectors.toSet());
        }

        List<Drift> compare(int node) {
            Look look = new Look(UID, NOW, version, 0, List.copyOf(entries.values()), announced);
            Set<String> names =
                    IntStream.rangeClosed(1, NODES).mapToObj(World::name).collect(Collectors.toSet());
            return new Reconciler(name(node), names, true).compare(look, here(node), lastWord());
        }

        /** One look of a node and what it does about it. */
        void pass(int node) {
            List<Drift> found = compare(node);
            if (found.stream().map(Drift::kind).anyMatch(Kind::endsWhatMayLive)) {
                IntStream.rangeClosed(1, NODES)
                        .filter(other -> other != node && !here(other).isEmpty())
                        .forEach(this::claim);
                found = compare(node);
            }
            Set<Repair> repairs =
                    found.stream().map(drift -> drift.kind().repair()).collect(Collectors.toSet());
            if (repairs.contains(Repair.ALIGN)) {
                align(node);
            }
            found.stream()
                    .filter(drift -> drift.kind().repair() == Repair.EVICT)
                    .forEach(drift -> {
                        Set<Integer> before = registered();
                        entries.values().removeIf(entry -> entry.node().equals(drift.detail()));
                        settle(before);
                    });
            if (repairs.contains(Repair.ADOPT)) {
                announced.clear();
                told.forEach(flag -> announced.put(flag, 0L));
            }
            if (repairs.contains(Repair.ADOPT) || repairs.contains(Repair.SETTLE)) {
                settle(announced.keySet());
            }
        }

        private void claim(int node) {
            Set<Integer> before = registered();
            here(node).forEach(session -> entries.put(session.id(), entry(session)));
            settle(before);
        }

        private void align(int node) {
            Set<Integer> before = registered();
            Set<Long> here = here(node).stream().map(SessionInfo::id).collect(Collectors.toSet());
            entries.values().removeIf(entry -> entry.node().equals(name(node)) && !here.contains(entry.id()));
            here(node).forEach(session -> entries.put(session.id(), entry(session)));
            settle(before);
        }

        /** @param ending flags that are told offline now if they have no session */
        private void settle(Set<Integer> ending) {
            Set<Integer> live = registered();
            Set<Integer> ended = new HashSet<>(ending);
            ended.removeAll(live);
            for (int flag : live) {
                if (announced.putIfAbsent(flag, 0L) == null) {
                    version++;
                    told.add(flag);
                }
            }
            for (int flag : ended) {
                if (announced.remove(flag) != null) {
                    version++;
                    if (told.remove(flag)) {
                        offlines.add(flag);
                    }
                }
            }
        }

        private Set<Integer> registered() {
            return entries.values().stream().map(Entry::flag).collect(Collectors.toSet());
        }

        private List<SessionInfo> here(int node) {
            return sockets.values().stream()
                    .filter(session -> SessionInfo.incarnationOf(session.id()) == node)
                    .toList();
        }

        private UserPresence lastWord() {
            Map<Integer, Integer> devices = told.stream().collect(Collectors.toMap(flag -> flag, flag -> 1));
            return new UserPresence(
                    UID, !told.isEmpty(), version, version, Instant.ofEpochMilli(version), "connect", 1, devices);
        }

        private static Entry entry(SessionInfo session) {
            return new Entry(session.id(), session.deviceFlag(), name((int) SessionInfo.incarnationOf(session.id())));
        }

        private static String name(int node) {
            return node + ".1";
        }
    }
}
