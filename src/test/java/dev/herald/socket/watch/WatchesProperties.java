package dev.herald.socket.watch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.bus.message.PresenceMessage.UserState;
import dev.herald.socket.delivery.Client;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.jspecify.annotations.Nullable;

/**
 * Whoever watches whom from when on, and in whatever order and how often states and activities come: each watcher is told no
 * user's older state after a newer one, nothing of a user whom it does not watch, and in the end the newest of each whom it
 * does, and whether that user is active.
 */
class WatchesProperties {
    private static final int USERS = 6;
    private static final Duration ACTIVE_FOR = Duration.ofMillis(20);

    @Property(tries = 2000)
    void every_watcher_ends_with_the_newest_states(@ForAll long seed, @ForAll @IntRange(max = 150) int steps) {
        new Run(new Random(seed)).play(steps);
    }

    private static final class Client implements Watches.Watcher {
        private final Map<String, UserState> known = new HashMap<>();
        private Set<String> watched = Set.of();
        private int room;

        @Override
        public boolean hasRoom() {
            return room > 0;
        }

        @Override
        public void tell(UserState state) {
            assertThat(hasRoom()).isTrue();
            assertThat(watched).contains(state.uid());
            UserState before = known.put(state.uid(), state);
            assertThat(before == null || before.version() <= state.version()).isTrue();
            room--;
        }
    }

    private static final class Run {
        private final Random random;
        private final Watches watches = new Watches(Watches.BOUND, ACTIVE_FOR);
        private final List<Client> clients =
                IntStream.range(0, 4).mapToObj(i -> new Client()).toList();
        /** All states that ever were, of each user by version. */
        private final Map<String, List<UserState>> history = new HashMap<>();

        private final Map<String, Long> activeMs = new HashMap<>();
        private long now = ACTIVE_FOR.toMillis();

        Run(Random random) {
            this.random = random;
            for (int i = 0; i < USERS; i++) {
                history.put("u" + i, new ArrayList<>(List.of(new UserState("u" + i, false, 0, 0, 0, 0, 0))));
                activeMs.put("u" + i, 0L);
            }
        }

        void play(int steps) {
            for (int i = 0; i < steps; i++) {
                step();
            }
            // A gap ends so: all that is watched is read.
            List.copyOf(watches.users()).forEach(this::read);
            for (Client client : clients) {
                client.room = Integer.MAX_VALUE;
                watches.settle(client);
                assertThat(watches.of(client)).isEqualTo(client.watched);
                client.watched.forEach(
                        uid -> assertSame(client.known.get(uid), newest(uid).activeAt(active(uid))));
            }
            assertThat(watches.pairs())
                    .isEqualTo(clients.stream()
                            .mapToInt(client -> client.watched.size())
                            .sum());
            clients.forEach(client -> {
                client.watched = Set.of();
                watches.set(client, Set.of());
            });
            assertThat(watches.users()).isEmpty();
            assertThat(watches.pairs()).isZero();
        }

        private void step() {
            String uid = "u" + random.nextInt(USERS);
            Client client = clients.get(random.nextInt(clients.size()));
            now += random.nextInt(4);
            switch (random.nextInt(7)) {
                case 0 -> change(uid);
                case 1 -> watches.take(any(uid), now);
                case 2 -> {
                    client.room = random.nextInt(4);
                    watches.settle(client);
                }
                case 3 -> watch(client);
                case 4 -> activeMs.put(uid, now);
                case 5 -> read(uid);
                default -> {
                    change(uid);
                    watches.take(newest(uid), now);
                }
            }
        }

        /** As a session does: it reads whom nobody knows, then is told. */
        private void watch(Client client) {
            Set<String> wanted = new HashSet<>();
            history.keySet().stream().filter(uid -> random.nextBoolean()).forEach(wanted::add);
            client.known.keySet().retainAll(wanted);
            client.watched = wanted;
            Set<String> added = watches.set(client, wanted);
            if (random.nextBoolean()) {
                added.forEach(this::change);
            }
            watches.unknown(added).forEach(this::read);
            watches.owe(client, added);
        }

        private void change(String uid) {
            UserState last = newest(uid);
            long version = last.version() + 1 + random.nextInt(3);
            boolean online = random.nextInt(3) == 0 ? last.online() : !last.online();
            long since = online == last.online() ? last.sinceMs() : version;
            history.get(uid).add(new UserState(uid, online, version, since, 0, random.nextInt(2), 0));
        }

        /** Maybe after an answer that was read earlier. */
        private void read(String uid) {
            if (random.nextBoolean()) {
                UserState old = any(uid);
                watches.take(old.activeAt(old.online() ? active(uid) : 0), now);
            }
            watches.take(newest(uid).activeAt(active(uid)), now);
        }

        private long active(String uid) {
            long ms = activeMs.get(uid);
            return newest(uid).online() && ms + ACTIVE_FOR.toMillis() > now ? ms : 0;
        }

        private UserState newest(String uid) {
            return history.get(uid).getLast();
        }

        private UserState any(String uid) {
            List<UserState> all = history.get(uid);
            return all.get(random.nextInt(all.size()));
        }

        /** As far as a client can see it. */
        private static void assertSame(@Nullable UserState told, UserState newest) {
            UserState seen = told == null ? new UserState(newest.uid(), false, 0, 0, 0, 0, 0) : told;
            assertThat(seen.online()).isEqualTo(newest.online());
            assertThat(seen.sinceMs()).isEqualTo(newest.sinceMs());
            assertThat(seen.mainDeviceFlag()).isEqualTo(newest.mainDeviceFlag());
            assertThat(seen.active()).isEqualTo(newest.active());
        }
    }
}
