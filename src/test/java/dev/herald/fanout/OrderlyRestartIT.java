package dev.herald.fanout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.herald.bus.message.InboxMessage.Entry;
import dev.herald.fanout.epoch.Epoch;
import dev.herald.fanout.rebuild.LostEntries;
import dev.herald.it.LosableRedis;
import dev.herald.model.DeviceFlag;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A Redis that is restarted while no Herald runs: it counts as a loss unless it surely has all that was written. */
@Timeout(60)
class OrderlyRestartIT {
    private static final String UID = "u1";

    private final LosableRedis redis = new LosableRedis(UID);
    private final Node node = new Node("redis.url", redis.url(), "sweep", "PT0.1S");
    private String running = node.deploy(1);
    private final Reader app = new Reader(node, UID, DeviceFlag.APP);

    enum Doubt {
        A_NODE_DIED(test -> {
            Epoch dead = new Epoch(test.node.pg.statements(), 17, () -> {});
            test.node.call(() -> dead.check(test.node.redis));
            test.stopHerald();
            test.redis.restartInOrder();
        }),
        A_NODE_LIVED_ON(test -> {
            test.node.undeploy(test.running);
            test.redis.restartInOrder();
        }),
        BACK_TO_BEFORE_THE_STOP(test -> {
            test.redis.takeSnapshot();
            test.commands(2);
            test.stopHerald();
            test.redis.restartFromSnapshot();
        }),
        BACK_TO_AN_EARLIER_STOP(test -> {
            test.stopHerald();
            test.redis.takeSnapshot();
            test.startHerald();
            test.commands(2);
            test.stopHerald();
            test.redis.restartFromSnapshot();
        }),
        BACK_TO_A_STOP_WHILE_A_NODE_LIVES(test -> {
            test.stopHerald();
            test.redis.takeSnapshot();
            test.startHerald();
            test.commands(2);
            test.node.undeploy(test.running);
            test.redis.restartFromSnapshot();
        });

        private final Consumer<OrderlyRestartIT> course;

        Doubt(Consumer<OrderlyRestartIT> course) {
            this.course = course;
        }
    }

    @AfterEach
    void close() {
        node.close();
        redis.close();
    }

    @Test
    void nothing_is_rebuilt_if_all_nodes_had_stopped() {
        acknowledgeTwoOfFive();
        for (long restarts = 1; restarts <= 2; restarts++) {
            stopHerald();
            redis.restartInOrder();
            startHerald();
            commands(1);
            assertThat(epoch()).isEqualTo(1);
            assertThat(app.open()).isEqualTo(2);
            assertThat(app.read(2))
                    .extracting(Entry::seq)
                    .containsExactlyElementsOf(
                            LongStream.rangeClosed(3, 5 + restarts).boxed().toList());
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_restart_that_is_in_doubt_counts_as_a_loss(Doubt doubt) {
        acknowledgeTwoOfFive();
        doubt.course.accept(this);
        startHerald();
        assertThat(epoch()).isEqualTo(2);
        commands(1);
        List<Long> all = node.sql("select id from cmd order by id").stream()
                .map(row -> row.getLong(0))
                .toList();
        List<Entry> after = app.read(app.open());
        assertThat(Reader.ids(after)).containsAll(all.subList(2, all.size()));
        assertThat(after.getLast().seq()).isGreaterThan(LostEntries.SKIP);
    }

    private void acknowledgeTwoOfFive() {
        app.open();
        commands(5);
        app.ack(2);
    }

    private void startHerald() {
        running = node.deploy(1);
    }

    /** Also the parts of a node that this test moves by hand. */
    private void stopHerald() {
        node.undeploy(running);
        await().ignoreExceptions().until(() -> node.call(() -> node.epoch.check(node.redis)) == null);
        node.call(() -> node.epoch.end(node.redis));
    }

    private void commands(int count) {
        IntStream.range(0, count).forEach(i -> node.command(UID));
        await().until(node::allDone);
    }

    private long epoch() {
        return node.sql("select number from redis_epoch").getFirst().getLong(0);
    }
}
