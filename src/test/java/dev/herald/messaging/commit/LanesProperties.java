package dev.herald.messaging.commit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.bus.message.MessagingMessage.MessageSent;
import dev.herald.bus.message.MessagingMessage.SendMessage;
import dev.herald.bus.message.SocketMessage;
import dev.herald.messaging.judge.Pending;
import dev.herald.model.ChannelKey;
import dev.herald.model.Delivery.Header;
import dev.herald.model.Payload;
import dev.herald.model.Reason;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Sessions write to several channels each; their batches end in any order. */
class LanesProperties {
    private static final class World implements Lanes.Clock {
        private record Alarm(long at, Runnable task) {}

        private final Random random;
        private final boolean busyAtTimes;
        private final Lanes lanes = new Lanes(this::commit, this, new SimpleMeterRegistry().counter("slowed"));
        private final Map<List<Pending>, Promise<Set<ChannelKey>>> underWay = new HashMap<>();
        private final PriorityQueue<Alarm> alarms = new PriorityQueue<>((a, b) -> Long.compare(a.at(), b.at()));
        private final List<Pending> committed = new ArrayList<>();
        private int mostAtOnce;
        private long now;

        World(Random random) {
            this(random, false);
        }

        World(Random random, boolean busyAtTimes) {
            this.random = random;
            this.busyAtTimes = busyAtTimes;
        }

        @Override
        public long now() {
            return now;
        }

        @Override
        public void after(long millis, Runnable task) {
            alarms.add(new Alarm(now + millis, task));
        }

        private Future<Set<ChannelKey>> commit(List<Pending> batch) {
            underWay.keySet().forEach(other -> assertThat(shared(batch, other)).isEmpty());
            Promise<Set<ChannelKey>> done = Promise.promise();
            underWay.put(batch, done);
            mostAtOnce = Math.max(mostAtOnce, underWay.size());
            return done.future();
        }

        /** Sessions that are in both, and channels, unless a busy one takes the sessions that write to it elsewhere. */
        private Set<Object> shared(List<Pending> one, List<Pending> other) {
            Set<Object> shared = names(one).collect(Collectors.toCollection(HashSet::new));
            shared.retainAll(names(other).collect(Collectors.toSet()));
            shared.removeIf(each -> busyAtTimes && each instanceof ChannelKey);
            return shared;
        }

        private static Stream<Object> names(List<Pending> batch) {
            return batch.stream()
                    .flatMap(pending -> pending.message().fromSession() == SocketMessage.NO_SESSION
                            ? Stream.of(pending.stored())
                            : Stream.of(pending.stored(), pending.message().fromSession()));
        }

        void endOne() {
            if (!underWay.isEmpty()) {
                List<Pending> batch = List.copyOf(underWay.keySet()).get(random.nextInt(underWay.size()));
                Set<ChannelKey> busy = someBusy(batch);
                Stopped stopped = Stopped.by(busy, batch);
                batch.stream().filter(each -> !stopped.holds(each)).forEach(each -> {
                    committed.add(each);
                    each.answer().complete(new MessageSent(Reason.SUCCESS, 1, 1));
                });
                underWay.remove(batch).complete(busy);
            }
        }

        private Set<ChannelKey> someBusy(List<Pending> batch) {
            return busyAtTimes && random.nextInt(3) == 0
                    ? batch.stream()
                            .map(Pending::stored)
                            .filter(each -> random.nextInt(4) == 0)
                            .collect(Collectors.toSet())
                    : Set.of();
        }

        void pass(long millis) {
            long until = now + millis;
            for (Alarm next = alarms.peek(); next != null && next.at() <= until; next = alarms.peek()) {
                alarms.remove();
                now = next.at();
                next.task().run();
            }
            now = until;
        }

        void finish() {
            while (!underWay.isEmpty() || !alarms.isEmpty()) {
                endOne();
                pass(Lanes.GATHERING.toMillis());
            }
        }
    }

    private static Pending message(long session, int channel, int number) {
        return Pending.of(new SendMessage(
                "u" + session,
                session,
                false,
                ChannelKey.group("g" + channel),
                Integer.toString(number),
                Header.PLAIN,
                0,
                0,
                "",
                Payload.of("x")));
    }

    @Property(tries = 150)
    void sessions_and_channels_keep_their_order(
            @ForAll Random random,
            @ForAll @IntRange(min = 1, max = 200) int sessions,
            @ForAll @IntRange(min = 1, max = 50) int channels,
            @ForAll boolean busyAtTimes) {
        World world = new World(random, busyAtTimes);
        List<Pending> sent = new ArrayList<>();
        for (int i = 0; i < 2_000; i++) {
            sent.add(message(random.nextInt(sessions + 1), random.nextInt(channels), i));
            world.lanes.add(sent.getLast());
            if (random.nextInt(40) == 0) {
                world.endOne();
            }
            if (random.nextInt(20) == 0) {
                world.pass(random.nextInt(3));
            }
        }
        world.finish();

        assertThat(world.committed).hasSameSizeAs(sent).hasSameElementsAs(sent);
        assertThat(inOrder(world.committed)).isEqualTo(inOrder(sent));
    }

    @Property(tries = 20)
    void many_that_have_nothing_in_common_commit_beside_each_other(@ForAll Random random) {
        World world = new World(random);
        for (int i = 0; i < 1_000; i++) {
            world.lanes.add(message(1 + i % 300, i % 300, i));
        }
        world.finish();

        assertThat(world.mostAtOnce).isGreaterThan(1);
    }

    @Property(tries = 20)
    void one_after_the_other_waits_for_nothing(@ForAll Random random) {
        World world = new World(random);
        for (int i = 0; i < 100; i++) {
            world.lanes.add(message(1, i % 3, i));
            world.endOne();
        }

        assertThat(world.committed).hasSize(100);
    }

    /** By session; what no session sent by channel. */
    private static Map<Object, List<Pending>> inOrder(List<Pending> messages) {
        return messages.stream().collect(Collectors.groupingBy(LanesProperties::orderOf));
    }

    private static Object orderOf(Pending pending) {
        if (pending.message().fromSession() == SocketMessage.NO_SESSION) {
            return pending.stored();
        }
        return pending.message().fromSession();
    }
}
