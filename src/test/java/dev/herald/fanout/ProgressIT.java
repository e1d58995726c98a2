package dev.herald.fanout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.herald.bus.Addresses;
import dev.herald.bus.message.Done;
import dev.herald.bus.message.InboxMessage.Ack;
import dev.herald.bus.message.InboxMessage.AckInboxes;
import dev.herald.bus.message.InboxMessage.PullInbox;
import dev.herald.bus.message.InboxMessage.RefreshCursors;
import dev.herald.command.Progress;
import dev.herald.command.Progress.OfDevices;
import dev.herald.command.SentCommand;
import dev.herald.command.UserProgress;
import dev.herald.command.UserProgress.OfDevice;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the log and the stored cursors tell of a command, while real devices acknowledge it. */
@Timeout(120)
class ProgressIT {
    private static final String ALL_READ = "9223372036854775807";

    @RegisterExtension
    final Node node = new Node();

    private final List<List<String>> refreshed = new ArrayList<>();

    @Test
    void counts_who_has_it_and_the_devices_that_have_acknowledged_it() {
        node.deploy(1);
        Reader phone = new Reader(node, "ann", 0);
        Reader browser = new Reader(node, "ann", 1);
        phone.open();
        browser.open();
        new Reader(node, "ben", 0).open();
        long id = node.command("ann", "ben", "cat");
        node.bus.publish(Addresses.COMMANDS_PENDING, Done.DONE);
        await().until(() -> node.isDone(id));

        SentCommand sent = find(id);
        assertThat(sent.written()).isEqualTo(3);
        assertThat(sent.doneAt()).isNotNull();
        assertThat(sent.lagMillis()).isBetween(0L, 60_000L);
        assertThat(all(id)).isEqualTo(new Progress(3, 0, 0, List.of(new OfDevices(0, 2, 0), new OfDevices(1, 1, 0))));

        phone.ack(1);
        await().untilAsserted(() -> assertThat(all(id))
                .isEqualTo(new Progress(3, 1, 0, List.of(new OfDevices(0, 2, 1), new OfDevices(1, 1, 0)))));
        assertThat(one(id, "ann"))
                .isEqualTo(new UserProgress(
                        true, true, List.of(new OfDevice(0, 1, 1, true), new OfDevice(1, 0, 1, false))));

        browser.ack(1);
        await().untilAsserted(() -> assertThat(all(id))
                .isEqualTo(new Progress(3, 1, 1, List.of(new OfDevices(0, 2, 1), new OfDevices(1, 1, 1)))));
    }

    @Test
    void a_back_end_that_pulls_is_a_device_of_its_own() {
        node.deploy(1);
        long id = node.command("ann");
        node.bus.publish(Addresses.COMMANDS_PENDING, Done.DONE);
        await().until(() -> node.isDone(id));
        assertThat(all(id)).isEqualTo(new Progress(1, 0, 0, List.of()));
        assertThat(one(id, "ann")).isEqualTo(new UserProgress(true, true, List.of()));

        node.call(() -> node.bus.request(Addresses.INBOX_PULL, new PullInbox("ann", OptionalInt.empty(), 10)));
        node.call(() -> node.bus.request(Addresses.INBOX_ACK, AckInboxes.of(new Ack("ann", OptionalInt.empty(), 1))));
        await().untilAsserted(
                        () -> assertThat(all(id)).isEqualTo(new Progress(1, 1, 1, List.of(new OfDevices(-1, 1, 1)))));
    }

    /** The cursor was stored when the command was in this inbox already, but not in all. */
    @Test
    void an_acknowledgement_from_before_the_end_of_the_fan_out_counts() {
        node.deploy(1);
        Reader phone = new Reader(node, "ann", 0);
        phone.open();
        long id = node.command("ann", "ben");
        node.bus.publish(Addresses.COMMANDS_PENDING, Done.DONE);
        await().until(() -> node.isDone(id));
        phone.ack(1);
        await().until(() -> !node.sql("select from device_cursor where seq = 1").isEmpty());
        node.sql("update cmd set done_at = clock_timestamp()");

        assertThat(all(id)).isEqualTo(new Progress(2, 1, 1, List.of(new OfDevices(0, 1, 1))));
        assertThat(refreshed).containsExactly(List.of("ann"));
        all(id);
        assertThat(refreshed).as("it is sure now").hasSize(1);
    }

    @Test
    void who_has_not_been_reached_has_acknowledged_nothing() {
        long id = node.command("ann", "ben");
        cursor("ann", 0, ALL_READ, "now() + interval '1 hour'");
        cursor("ben", 0, ALL_READ, "now() + interval '1 hour'");
        assertThat(all(id)).isEqualTo(new Progress(2, 0, 0, List.of(new OfDevices(0, 2, 0))));

        node.sql("update cmd set reached = 'ann', written = 1");
        assertThat(find(id).doneAt()).isNull();
        assertThat(find(id).written()).isEqualTo(1);
        assertThat(all(id)).isEqualTo(new Progress(2, 1, 1, List.of(new OfDevices(0, 2, 1))));
        assertThat(one(id, "ann").devices()).allMatch(OfDevice::acknowledged);
        assertThat(one(id, "ben")).isEqualTo(new UserProgress(true, false, List.of(new OfDevice(0, 0, 0, false))));
    }

    @Test
    void only_the_members_of_its_revision_are_meant() {
        long channel = node.channel("g1", 2);
        node.sql("""
                insert into member (channel, uid, since, until) values
                    ($1, 'left', 1, 2), ($1, 'left-before', 1, 1), ($1, 'later', 3, null)""", channel);
        long id = node.command(channel, 2, true);
        assertThat(all(id).members()).as("two and the leaver").isEqualTo(3);
        assertThat(one(id, "left").addressed()).isTrue();
        assertThat(one(id, "left-before").addressed()).isFalse();
        assertThat(one(id, "later").addressed()).isFalse();
        assertThat(all(node.command(channel, 2, false)).members()).isEqualTo(2);
    }

    @Test
    void without_redis_it_tells_what_is_stored() {
        long id = node.command("ann", "ben");
        node.sql("update cmd set done_at = now(), reached = 'ben', written = 2");
        cursor("ann", 0, ALL_READ, "now() + interval '1 hour'");
        cursor("ben", 0, Long.toString(id - 1), "now() + interval '1 hour'");
        cursor("ben", -2, ALL_READ, "now() + interval '1 hour'");
        assertThat(all(id)).isEqualTo(new Progress(2, 1, 1, List.of(new OfDevices(0, 2, 1))));
    }

    @Test
    void counts_a_hundred_thousand_members_and_refreshes_ten_thousand_at_most() {
        long channel = node.channel("big", 100_000);
        long id = node.command(channel, 1);
        node.sql("""
                insert into device_cursor (uid, device_flag, seq, floor, tail, epoch, as_of)
                select uid, 1, 1, case when uid <= 'u50000' and length(uid) = 6 then $1 else 0 end, 1, 0, clock_timestamp()
                from member where channel = $2""", id, channel);
        node.sql("update cmd set done_at = clock_timestamp(), written = 100000");
        Progress unsure = all(id);
        assertThat(unsure).isEqualTo(new Progress(100_000, 0, 0, List.of(new OfDevices(1, 100_000, 0))));
        assertThat(refreshed).hasSize(1).allMatch(uids -> uids.size() == 10_000);

        node.sql("update device_cursor set as_of = clock_timestamp()");
        assertThat(all(id))
                .isEqualTo(new Progress(100_000, 50_000, 50_000, List.of(new OfDevices(1, 100_000, 50_000))));
        assertThat(find(id).written()).isEqualTo(100_000);
    }

    @Test
    void an_unknown_command_has_none() {
        assertThat(node.call(() -> SentCommand.find(node.pg.statements(), 999))).isEmpty();
    }

    private void cursor(String uid, int flag, String floor, String asOf) {
        node.sql(
                "insert into device_cursor (uid, device_flag, seq, floor, tail, epoch, as_of) values ($1, $2, 0, %s, 0, 0, %s)"
                        .formatted(floor, asOf),
                uid,
                flag);
    }

    private SentCommand find(long id) {
        return node.call(() -> SentCommand.find(node.pg.statements(), id)).orElseThrow();
    }

    private Progress all(long id) {
        SentCommand sent = find(id);
        return node.call(() -> Progress.of(node.pg.statements(), sent, this::refresh));
    }

    private UserProgress one(long id, String uid) {
        SentCommand sent = find(id);
        return node.call(() -> UserProgress.of(node.pg.statements(), sent, uid, this::refresh));
    }

    private Future<?> refresh(List<String> uids) {
        refreshed.add(uids);
        return node.bus
                .request(Addresses.INBOX_REFRESH, new RefreshCursors(uids))
                .otherwiseEmpty();
    }
}
