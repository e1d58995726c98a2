package dev.herald.fanout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.herald.bus.message.InboxMessage.ReadInbox;
import dev.herald.fanout.inbox.Bodies;
import dev.herald.fanout.inbox.Readers;
import dev.herald.fanout.walk.FanOut;
import dev.herald.model.DeviceFlag;
import dev.herald.trail.Trail;
import io.micrometer.core.instrument.DistributionSummary;
import io.vertx.redis.client.Command;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What is counted is what happened. */
@Timeout(60)
class FanoutMetersIT {
    private static final String UID = "u1";

    @RegisterExtension
    final Node node = new Node("commands.inbox-bound", "100");

    private final Inbox inbox = new Inbox(node, UID);

    @Test
    void members_and_lag_count_pages_of_users() {
        node.call(() -> node.appends().append(Inbox.claim(1, List.of("u1", "u2", "u3"))));
        node.call(() -> node.appends().append(Inbox.claim(2, List.of("u1"))));
        assertThat(count("herald.fanout.members")).isEqualTo(4);
        assertThat(node.registry.get("herald.command.lag").timer().count()).isEqualTo(2);
    }

    @Test
    void every_sixteenth_append_tells_the_length_of_its_inbox() {
        inbox.append(LongStream.rangeClosed(1, 40).toArray());
        inbox.append(40);
        DistributionSummary length = node.registry.get("herald.inbox.length").summary();
        assertThat(length.count()).isEqualTo(2);
        assertThat(length.totalAmount()).isEqualTo(16 + 32);
        assertThat(upTo(length, 16)).as("at most 16").isEqualTo(1);
    }

    @Test
    void a_read_tells_how_far_its_reader_is_behind() {
        long[] commands = LongStream.range(0, 5).map(i -> node.command(UID)).toArray();
        inbox.append(commands);
        inbox.open(DeviceFlag.APP);
        inbox.pull(DeviceFlag.APP, 10);
        inbox.ack(DeviceFlag.APP, 2, 1);
        inbox.pull(DeviceFlag.APP, 10);
        node.call(() -> node.reader().read(new ReadInbox(UID, 5, 10)));
        DistributionSummary lag = node.registry.get("herald.inbox.lag").summary();
        assertThat(lag.count()).isEqualTo(3);
        assertThat(lag.totalAmount()).isEqualTo(5 + 3);
        assertThat(upTo(lag, 4)).as("at most 4").isEqualTo(2);
    }

    @Test
    void entries_that_a_newer_one_makes_needless_are_coalesced() {
        LongStream.rangeClosed(1, 65)
                .forEach(id -> node.call(() -> node.appends().append(Inbox.claim(id, "key", List.of(UID)))));
        assertThat(count("herald.inbox.coalesced")).isEqualTo(64);
    }

    @Test
    void a_resync_counts_each_user_once_for_each_occasion() {
        inbox.append(LongStream.rangeClosed(1, 151).toArray());
        assertThat(count("herald.inbox.resyncs")).as("one flood").isEqualTo(1);
        node.sql("delete from cmd");
        Inbox other = new Inbox(node, "u2");
        other.append(1001, 1002, 1003);
        other.pull(Readers.PULL_FLAG, 10);
        other.pull(Readers.PULL_FLAG, 10);
        assertThat(count("herald.inbox.resyncs")).as("and one list with an end").isEqualTo(2);
    }

    @Test
    void a_rebuild_counts_each_inbox_once() {
        inbox.read(0, 10);
        assertThat(count("herald.inbox.rebuilds")).as("nothing was lost").isZero();
        node.redis(Command.FLUSHDB);
        inbox.read(0, 10);
        inbox.read(0, 10);
        new Inbox(node, "u2").read(0, 10);
        assertThat(count("herald.inbox.rebuilds")).isEqualTo(2);
    }

    @Test
    void the_age_of_what_is_pending_is_that_of_the_oldest_command() {
        FanOut fanOut = new FanOut(
                node.pending(1),
                node.appends(),
                new Bodies(node.pg.statements()),
                node.bus,
                node.config.commands(),
                node.meters,
                new Trail(),
                () -> {});
        node.call(fanOut::look);
        assertThat(pendingAge()).isZero();
        long oldest = node.command(UID);
        node.command(UID);
        node.sql("update cmd set created_at = now() - interval '1 hour' where id = $1", oldest);
        node.call(fanOut::look);
        assertThat(pendingAge()).isCloseTo(3600, within(60.0));
        node.sql("update cmd set done_at = now() where id = $1", oldest);
        node.call(fanOut::look);
        assertThat(pendingAge()).isLessThan(60);
    }

    private double pendingAge() {
        return node.registry.get("herald.commands.pending.age").timeGauge().value(TimeUnit.SECONDS);
    }

    private double count(String name) {
        return node.registry.get(name).counter().count();
    }

    private static double upTo(DistributionSummary summary, double bound) {
        for (var bucket : summary.takeSnapshot().histogramCounts()) {
            if (bucket.bucket() == bound) {
                return bucket.count();
            }
        }
        throw new AssertionError("no bucket up to " + bound);
    }
}
