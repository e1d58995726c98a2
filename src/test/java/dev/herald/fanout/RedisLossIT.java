package dev.herald.fanout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.herald.bus.Addresses;
import dev.herald.bus.message.Done;
import dev.herald.bus.message.InboxMessage.Entry;
import dev.herald.bus.message.SocketMessage.InboxesChanged;
import dev.herald.fanout.inbox.Pointer;
import dev.herald.it.LosableRedis;
import dev.herald.model.DeviceFlag;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Metrics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Promise C1 against a Redis that forgets. */
@Timeout(120)
class RedisLossIT {
    private static final String UID = "u1";
    private static final String PENDING_AGE = "herald.commands.pending.age";

    enum Loss {
        WIPED(LosableRedis::wipe),
        RESTARTED_EMPTY(LosableRedis::restartEmpty),
        RESTORED_FROM_A_SNAPSHOT(LosableRedis::restartFromSnapshot),
        KILLED_WITH_A_LOG(LosableRedis::restartFromLog);

        private final Consumer<LosableRedis> effect;

        Loss(Consumer<LosableRedis> effect) {
            this.effect = effect;
        }

        boolean keepsLog() {
            return this == KILLED_WITH_A_LOG;
        }
    }

    private final LosableRedis redis = new LosableRedis(UID);
    private Node node;

    @BeforeEach
    void start() {
        node = node(redis);
    }

    @AfterEach
    void close() {
        node.close();
        redis.close();
    }

    @Tag("redis-cluster")
    @ParameterizedTest
    @EnumSource
    void what_is_unacknowledged_comes_again_and_what_is_acknowledged_does_not(Loss loss) {
        if (loss.keepsLog()) {
            redis.kill();
            redis.start(true);
        }
        node.deploy(1);
        Reader app = new Reader(node, UID, DeviceFlag.APP);
        long[] commands = commands(5);
        await().ignoreExceptions().until(() -> app.open() == 0);
        acknowledge(app, 2);
        redis.takeSnapshot();
        commands = LongStream.concat(Arrays.stream(commands), Arrays.stream(commands(15)))
                .toArray();
        List<Entry> before = app.read(0);
        acknowledge(app, before.get(9).seq());

        loss.effect.accept(redis);

        await().ignoreExceptions().until(() -> app.open() == before.get(9).seq());
        List<Entry> after = app.read(before.get(9).seq());
        assertThat(after)
                .extracting(entry -> entry.command().id())
                .containsExactly(Arrays.stream(commands).skip(10).boxed().toArray(Long[]::new));
        long last = node.command(UID);
        await().until(() -> node.isDone(last));
        assertThat(app.read(after.getLast().seq()))
                .singleElement()
                .satisfies(entry -> assertThat(entry.command().id()).isEqualTo(last))
                .satisfies(entry ->
                        assertThat(entry.seq()).isGreaterThan(before.getLast().seq()));
    }

    @ParameterizedTest
    @EnumSource
    void under_load_nothing_is_lost_the_order_is_kept_and_no_sequence_goes_back(Loss loss) {
        if (loss.keepsLog()) {
            redis.kill();
            redis.start(true);
        }
        node.deploy(1);
        long channel = node.channel("g1", 200);
        List<Reader> readers = IntStream.rangeClosed(1, 4)
                .mapToObj(i -> new Reader(node, Node.uid(50 * i), DeviceFlag.APP))
                .toList();
        List<Long> commands = new ArrayList<>();
        for (int round = 0; round < 90; round++) {
            commands.add(node.command(channel, 1));
            node.bus.tell(Addresses.COMMANDS_PENDING, Done.DONE);
            readers.forEach(Reader::turn);
            if (round == 20) {
                redis.takeSnapshot();
            } else if (round % 30 == 29) {
                loss.effect.accept(redis);
            }
        }
        await().atMost(Duration.ofSeconds(30)).until(node::allDone);
        await().atMost(Duration.ofSeconds(30)).until(() -> readers.stream().allMatch(reader -> {
            reader.turn();
            return reader.commands().size() == commands.size();
        }));

        for (Reader reader : readers) {
            assertThat(reader.commands()).isEqualTo(commands);
            assertThat(reader.received()).extracting(Entry::seq).isSorted().doesNotHaveDuplicates();
        }
        // Nobody else has read: everything waits for them, when the connection is back.
        await().ignoreExceptions()
                .untilAsserted(() -> assertThat(Reader.ids(new Reader(node, Node.uid(7), DeviceFlag.APP).read(0)))
                        .isEqualTo(commands));
    }

    @Tag("redis-cluster")
    @Test
    void a_fan_out_under_way_begins_again_and_leaves_one_entry_each() {
        node.deploy(1);
        long channel = node.channel("g1", 5_000);
        long first = node.command(channel, 1);
        await().pollInterval(Duration.ofMillis(2))
                .until(() -> !node.inbox(Node.uid(2_000)).isEmpty());
        redis.wipe();
        await().atMost(Duration.ofSeconds(30)).until(node::allDone);
        long second = node.command(channel, 1);
        await().atMost(Duration.ofSeconds(30)).until(node::allDone);

        assertThat(node.inboxes(IntStream.rangeClosed(1, 5_000)
                                .mapToObj(Node::uid)
                                .toList())
                        .values())
                .allMatch(inbox -> inbox.stream()
                        .map(Pointer::parse)
                        .map(Pointer::commandId)
                        .toList()
                        .equals(List.of(first, second)));
    }

    @Test
    void a_device_that_came_a_moment_ago_is_still_known_and_misses_nothing() {
        node.deploy(1);
        Reader app = new Reader(node, UID, DeviceFlag.APP);
        Reader web = new Reader(node, UID, DeviceFlag.WEB);
        commands(3);
        app.open();
        assertThat(web.open()).isEqualTo(3);
        long[] commands = commands(1);
        redis.wipe();

        long cursor = web.open();
        assertThat(web.read(cursor)).extracting(entry -> entry.command().id()).contains(commands[0]);
    }

    @Test
    void live_sessions_are_told() {
        List<InboxesChanged> told = new CopyOnWriteArrayList<>();
        node.bus.serve(Addresses.SOCKETS_REPLAY, changed -> {
            told.add(changed);
            return Future.succeededFuture(Done.DONE);
        });
        node.deploy(1);
        redis.wipe();
        await().until(() -> told.size() == 1);
    }

    @Test
    void commands_wait_in_postgres_while_redis_is_down_and_are_fanned_out_when_it_is_back() {
        SimpleMeterRegistry meters = new SimpleMeterRegistry();
        Metrics.addRegistry(meters);
        // Of another node that ran here before.
        Metrics.globalRegistry.find(PENDING_AGE).meters().forEach(Metrics.globalRegistry::remove);
        node.deploy(1);
        redis.kill();
        long command = node.command(UID);
        node.bus.tell(Addresses.COMMANDS_PENDING, Done.DONE);
        assertThat(new Reader(node, UID, DeviceFlag.APP).turn()).isFalse();
        assertThat(node.isDone(command)).isFalse();
        Gauge age = meters.get(PENDING_AGE).gauge();
        await().until(() -> age.value() > 0);
        double before = age.value();
        await().until(() -> age.value() > before);
        redis.start(false);
        await().until(() -> node.isDone(command));
        assertThat(Reader.ids(new Reader(node, UID, DeviceFlag.APP).read(0))).containsExactly(command);
        await().until(() -> age.value() == 0);
        Metrics.removeRegistry(meters);
    }

    private void acknowledge(Reader device, long seq) {
        await().ignoreExceptions().until(() -> {
            device.ack(seq);
            return true;
        });
        await().until(() -> !node.sql("select from device_cursor where uid = $1 and seq = $2", UID, seq)
                .isEmpty());
    }

    private long[] commands(int count) {
        long[] ids = IntStream.range(0, count).mapToLong(i -> node.command(UID)).toArray();
        await().until(node::allDone);
        return ids;
    }

    private static Node node(LosableRedis redis) {
        return new Node("redis.url", redis.url(), "page", "50", "sweep", "PT0.1S", "commands.lease", "PT1S");
    }
}
