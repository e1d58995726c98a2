package dev.herald.messaging.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.messaging.delivery.Sequencer.Found;
import dev.herald.messaging.delivery.Sequencer.Item;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.stream.LongStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Several nodes commit to several channels; what they tell comes late, out of step, or never. */
class SequencerProperties {
    private static final int PAGE = 3;

    /**
     * One message as its node committed it.
     *
     * @param seq 0 if it is not stored
     * @param behind the last sequence of its channel that the node had told before
     */
    private record Told(int node, long channel, long seq, long behind) {}

    private static final class World implements Sequencer.Port<Told> {
        private final Random random;
        private final Map<Long, List<Item<Told>>> log = new HashMap<>();
        private final Map<Integer, Deque<Item<Told>>> network = new HashMap<>();
        private final Map<String, Long> newest = new HashMap<>();
        private final List<Told> delivered = new ArrayList<>();
        private final Deque<Runnable> reads = new ArrayDeque<>();
        private final Sequencer<Told> sequencer;
        private long now;
        private boolean logDown;
        private int skipped;
        private int shed;

        World(Random random, int maxHeld) {
            this.random = random;
            this.sequencer = new Sequencer<>(this, () -> now, maxHeld);
        }

        Item<Told> commit(int node, long channel) {
            List<Item<Told>> messages = log.computeIfAbsent(channel, it -> new ArrayList<>());
            long seq = messages.size() + 1;
            Told told = new Told(node, channel, seq, 0);
            Item<Told> item = new Item<>(channel, seq, seq == 1, told);
            messages.add(item);
            return item;
        }

        /** Not stored, so it is told at once. */
        void pass(int node, long channel) {
            long behind = newest.getOrDefault(node + "@" + channel, 0L);
            tell(new Item<>(channel, 0, false, new Told(node, channel, 0, behind)));
        }

        void tell(Item<Told> item) {
            if (item.seq() > 0) {
                newest.put(item.message().node() + "@" + item.channel(), item.seq());
            }
            network.computeIfAbsent(item.message().node(), it -> new ArrayDeque<>())
                    .add(item);
        }

        /** Brings the next few messages of some node. */
        void bring() {
            List<Deque<Item<Told>>> full =
                    network.values().stream().filter(queue -> !queue.isEmpty()).toList();
            if (!full.isEmpty()) {
                Deque<Item<Told>> queue = full.get(random.nextInt(full.size()));
                List<Item<Told>> batch = new ArrayList<>();
                for (int n = 1 + random.nextInt(4); n > 0 && !queue.isEmpty(); n--) {
                    batch.add(queue.remove());
                }
                sequencer.accept(batch);
            }
        }

        void bringAll() {
            while (network.values().stream().anyMatch(queue -> !queue.isEmpty())) {
                bring();
            }
        }

        void pass(long millis) {
            now += millis;
            sequencer.look();
        }

        void answer() {
            if (!reads.isEmpty()) {
                reads.remove().run();
            }
        }

        void settle() {
            for (int i = 0;
                    i < 10_000
                            && (sequencer.held() > 0
                                    || network.values().stream().anyMatch(q -> !q.isEmpty()));
                    i++) {
                bring();
                pass(Sequencer.PATIENCE.toMillis());
                sequencer.logAnswered(Sequencer.PATIENCE);
                answer();
            }
        }

        List<Long> seqsOf(long channel) {
            return delivered.stream()
                    .filter(told -> told.channel() == channel && told.seq() > 0)
                    .map(Told::seq)
                    .toList();
        }

        @Override
        public Future<Found<Told>> missing(Item<Told> before, OptionalLong after) {
            Promise<Found<Told>> answer = Promise.promise();
            reads.add(() -> {
                if (logDown) {
                    answer.fail("down");
                    return;
                }
                List<Item<Told>> found = log.get(before.channel()).stream()
                        .filter(item -> item.seq() > after.orElse(0) && item.seq() < before.seq())
                        .toList();
                answer.complete(new Found<>(found.stream().limit(PAGE).toList(), found.size() > PAGE));
            });
            return answer.future();
        }

        @Override
        public void deliver(List<Told> messages) {
            delivered.addAll(messages);
        }

        @Override
        public void skipped(Item<Told> before, OptionalLong after) {
            skipped++;
        }

        @Override
        public void shed(Told message) {
            shed++;
        }
    }

    @Property(tries = 2000)
    void every_channel_is_in_order_and_whole_whatever_is_late_or_lost(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 4) int nodes,
            @ForAll @IntRange(min = 1, max = 4) int channels,
            @ForAll @IntRange(max = 60) int lossPercent,
            @ForAll @IntRange(min = 1, max = 50) int maxHeld) {
        Random random = new Random(seed);
        World world = new World(random, maxHeld);
        for (int i = 0; i < 200; i++) {
            switch (random.nextInt(6)) {
                case 0, 1 -> {
                    Item<Told> item = world.commit(random.nextInt(nodes), random.nextInt(channels));
                    if (random.nextInt(100) >= lossPercent) {
                        world.tell(item);
                    }
                }
                case 2, 3 -> world.bring();
                case 4 -> world.pass(random.nextInt(80));
                default -> world.answer();
            }
        }
        world.settle();
        // One more in each channel shows what was lost at its end.
        for (long channel : List.copyOf(world.log.keySet())) {
            world.tell(world.commit(0, channel));
            world.settle();
        }

        for (Map.Entry<Long, List<Item<Told>>> channel : world.log.entrySet()) {
            assertThat(world.seqsOf(channel.getKey()))
                    .isEqualTo(LongStream.rangeClosed(1, channel.getValue().size())
                            .boxed()
                            .toList());
        }
        assertThat(world.sequencer.held()).isZero();
        assertThat(world.skipped).isZero();
    }

    @Property(tries = 2000)
    void nobody_reads_the_log_while_nothing_is_lost(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 4) int nodes,
            @ForAll @IntRange(min = 1, max = 4) int channels) {
        Random random = new Random(seed);
        World world = new World(random, 10_000);
        for (int channel = 0; channel < channels; channel++) {
            world.tell(world.commit(0, channel));
        }
        world.bringAll();
        for (int i = channels; i < 100; i++) {
            world.tell(world.commit(random.nextInt(nodes), random.nextInt(channels)));
        }
        world.bringAll();

        assertThat(world.delivered).hasSize(100);
        assertThat(world.reads).isEmpty();
    }

    @Property(tries = 2000)
    void what_is_not_stored_comes_once_and_not_before_what_its_node_told_of_the_channel_earlier(
            @ForAll long seed, @ForAll @IntRange(max = 30) int lossPercent) {
        Random random = new Random(seed);
        World world = new World(random, 10_000);
        int passed = 0;
        for (int i = 0; i < 100; i++) {
            int node = random.nextInt(3);
            int channel = random.nextInt(2);
            if (random.nextInt(3) == 0) {
                world.pass(node, channel);
                passed++;
            } else {
                Item<Told> item = world.commit(node, channel);
                if (random.nextInt(100) >= lossPercent) {
                    world.tell(item);
                }
            }
            if (random.nextInt(4) == 0) {
                world.bring();
            }
            if (random.nextInt(20) == 0) {
                world.pass(random.nextInt(200));
                world.answer();
            }
        }
        world.settle();

        assertThat(world.delivered.stream().filter(told -> told.seq() == 0)).hasSize(passed);
        Map<Long, Long> tails = new HashMap<>();
        for (Told told : world.delivered) {
            assertThat(tails.getOrDefault(told.channel(), 0L)).isGreaterThanOrEqualTo(told.behind());
            tails.merge(told.channel(), told.seq(), Math::max);
        }
    }

    @Property(tries = 500)
    void a_channel_that_waits_holds_no_other(@ForAll long seed) {
        World world = new World(new Random(seed), 10_000);
        world.commit(0, 1);
        world.tell(world.commit(0, 1));
        for (int i = 0; i < 20; i++) {
            world.tell(world.commit(0, 2));
        }
        world.bringAll();

        assertThat(world.seqsOf(1)).isEmpty();
        assertThat(world.seqsOf(2)).hasSize(20);
    }

    @Property(tries = 500)
    void of_a_channel_that_is_new_here_the_log_is_read_at_once(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 10) int before) {
        World world = new World(new Random(seed), 10_000);
        for (int i = 0; i < before; i++) {
            world.commit(1, 1);
        }
        world.sequencer.accept(List.of(world.commit(0, 1), world.commit(1, 1)));
        while (!world.reads.isEmpty()) {
            world.answer();
        }

        assertThat(world.seqsOf(1))
                .isEqualTo(LongStream.rangeClosed(1, before + 2).boxed().toList());
    }

    @Property(tries = 500)
    void a_log_that_is_away_costs_time_only(@ForAll long seed, @ForAll @IntRange(max = 600_000) int awayMillis) {
        Random random = new Random(seed);
        World world = new World(random, 10_000);
        world.logDown = true;
        for (int i = 0; i < 50; i++) {
            Item<Told> item = world.commit(random.nextInt(3), random.nextInt(2));
            if (random.nextInt(4) > 0) {
                world.tell(item);
            }
            world.bring();
            world.pass(awayMillis / 50);
            world.answer();
        }
        world.logDown = false;
        for (long channel : List.copyOf(world.log.keySet())) {
            world.tell(world.commit(0, channel));
        }
        world.settle();

        world.log.forEach((channel, messages) -> assertThat(world.seqsOf(channel))
                .isEqualTo(LongStream.rangeClosed(1, messages.size()).boxed().toList()));
        assertThat(world.skipped).isZero();
    }

    @Property(tries = 500)
    void a_log_that_does_not_give_a_message_costs_that_and_not_the_order(@ForAll long seed) {
        Random random = new Random(seed);
        World world = new World(random, 10_000);
        for (int i = 0; i < 50; i++) {
            Item<Told> item = world.commit(random.nextInt(3), random.nextInt(2));
            if (random.nextInt(4) > 0) {
                world.tell(item);
            }
        }
        world.logDown = true;
        world.settle();

        assertThat(world.sequencer.held()).isZero();
        for (long channel : world.log.keySet()) {
            assertThat(world.seqsOf(channel)).isSorted().doesNotHaveDuplicates();
        }
    }
}
