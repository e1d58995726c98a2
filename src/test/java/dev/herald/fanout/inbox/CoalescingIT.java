package dev.herald.fanout.inbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.herald.fanout.Inbox;
import dev.herald.fanout.Node;
import dev.herald.fanout.Reader;
import dev.herald.model.DeviceFlag;
import dev.herald.redis.UserKeys;
import io.vertx.redis.client.Command;
import java.time.Duration;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Long lists: made short where the newest command says it all, and cut with a word where it does not. */
@Timeout(60)
class CoalescingIT {
    private static final String UID = "u1";
    private static final String RESYNC = "{\"type\":99,\"cmd\":\"resync\",\"param\":{\"reason\":\"overflow\"}}";

    @RegisterExtension
    final Node node = new Node("sweep", "PT0.1S", "commands.inbox-bound", "100", "page", "100");

    private final Inbox inbox = new Inbox(node, UID);
    private final Reader app = new Reader(node, UID, DeviceFlag.APP);

    @Test
    void a_thousand_changes_of_one_channel_are_one_command_the_newest() {
        long channel = node.channel("g1", 3);
        node.deploy(1);
        long other = node.command(Node.uid(2));
        await().until(node::allDone);
        List<Long> renames =
                node.sql("""
                insert into cmd (channel_id, channel_type, from_uid, client_msg_no, payload, channel, revision, coalesce_key)
                select 'g1', 2, 'back', i::text, '{}', $1, 1, 'channelUpdate:2:g1' from generate_series(1, 1000) i
                returning id""", channel).stream().map(row -> row.getLong(0)).toList();
        await().atMost(Duration.ofSeconds(30)).until(node::allDone);

        assertThat(node.inbox(Node.uid(2))).hasSizeBetween(2, 64);
        Reader reader = new Reader(node, Node.uid(2), DeviceFlag.APP);
        assertThat(Reader.ids(reader.read(0))).containsExactly(other, renames.getLast());

        node.redis(Command.FLUSHDB);
        assertThat(Reader.ids(reader.read(0))).containsExactly(other, renames.getLast());
        assertThat(node.inbox(Node.uid(2))).as("rebuilt").hasSize(2);
    }

    @Test
    void keys_do_not_touch_each_other_and_no_key_touches_nothing() {
        append("a", 1);
        append("", 2);
        append("b", 3);
        append("", 4);
        append("a", 5);
        assertThat(ids(0)).containsExactly(2L, 3L, 4L, 5L);
        assertThat(ids(1)).containsExactly(2L, 3L, 4L, 5L);
        assertThat(ids(4)).containsExactly(5L);
        append("b", 6);
        assertThat(ids(0)).containsExactly(2L, 4L, 5L, 6L);
    }

    @Test
    void a_page_counts_what_it_gives_and_not_what_it_hides() {
        LongStream.rangeClosed(1, 30).forEach(id -> append(id % 3 == 0 ? "" : "k" + id % 3, id));
        assertThat(inbox.read(0, 4).pointers()).extracting(Pointer::commandId).containsExactly(3L, 6L, 9L, 12L);
        assertThat(inbox.read(12, 100).pointers())
                .extracting(Pointer::commandId)
                .containsExactly(15L, 18L, 21L, 24L, 27L, 28L, 29L, 30L);
    }

    @Test
    void an_old_command_that_comes_late_does_not_hide_the_newer_one() {
        append("a", 10);
        append("a", 5);
        assertThat(ids(0)).containsExactly(10L);
        append("a", 10);
        append("b", 5);
        assertThat(ids(0)).containsExactly(10L, 5L);
    }

    @Test
    void no_number_or_key_is_taken_for_a_part_of_another_or_for_a_place() {
        append("", 2312);
        append("a", 3123);
        append("aa", 123);
        append("", 23);
        append("aaa", 12);
        append("", 3);
        append("a", 2);
        append("aa", 123);
        append("", 23);
        assertThat(ids(0)).containsExactly(2312L, 3123L, 123L, 23L, 12L, 3L);
    }

    @Test
    void a_repeat_of_what_was_compacted_away_comes_not_back() {
        LongStream.rangeClosed(1, 65).forEach(id -> append("a", id));
        assertThat(node.inbox(UID)).hasSize(1);
        LongStream.rangeClosed(60, 65).forEach(id -> append("a", id));
        assertThat(node.inbox(UID)).hasSize(1).first().asString().startsWith("65:65:");
    }

    @Test
    void a_list_over_the_bound_is_replaced_by_one_resync() {
        node.deploy(1);
        long[] ids = commands(150);
        await().until(() -> payloads(app.read(0)).contains(RESYNC));
        await().until(node::allDone);
        List<String> read = payloads(app.read(0));
        assertThat(read).filteredOn(RESYNC::equals).hasSize(1);
        assertThat(read).as("whatever came after it").first().isEqualTo(RESYNC);
        assertThat(read).hasSizeLessThan(100);
        assertThat(ids).hasSize(150);
        assertThat(node.sql("select from cmd where payload = $1", io.vertx.core.buffer.Buffer.buffer(RESYNC)))
                .hasSize(1);
    }

    @Test
    void members_whose_lists_grow_too_long_together_are_told_by_few_commands() {
        long channel = node.channel("g1", 300);
        node.deploy(1);
        for (int i = 0; i <= 101; i++) {
            node.command(channel, 1);
        }
        await().until(() -> node.sql("select unnest(uids) from cmd where channel_id = 'resync'")
                        .size()
                == 300);
        await().until(node::allDone);
        assertThat(node.sql("select from cmd where channel_id = 'resync'")).hasSizeLessThanOrEqualTo(6);
        for (int i = 1; i <= 300; i++) {
            List<String> read = payloads(new Reader(node, Node.uid(i), DeviceFlag.APP).read(0));
            assertThat(read).as(Node.uid(i)).filteredOn(RESYNC::equals).hasSize(1);
            assertThat(read.getFirst()).isEqualTo(RESYNC);
        }
    }

    @Test
    void a_second_flood_has_a_resync_of_its_own_that_takes_the_place_of_the_first() {
        node.deploy(1);
        commands(150);
        await().until(() -> payloads(app.read(0)).contains(RESYNC));
        long first = app.read(0).getFirst().command().id();
        commands(150);
        await().until(() -> app.read(0).getFirst().command().id() > first
                && payloads(app.read(0)).contains(RESYNC));
        assertThat(payloads(app.read(0))).filteredOn(RESYNC::equals).hasSize(1);
        assertThat(node.inbox(UID)).hasSizeLessThan(100);
    }

    @Test
    void what_every_device_has_acknowledged_does_not_count() {
        node.deploy(1);
        app.open();
        for (int i = 0; i < 8; i++) {
            commands(50);
            app.turn();
            app.ack(50L * (i + 1));
        }
        assertThat(node.sql("select from cmd where channel_id = 'resync'")).isEmpty();
    }

    @Test
    void a_lost_list_over_the_bound_is_a_resync_too() {
        commands(101);
        node.sql("update cmd set done_at = now()");
        node.deploy(1);
        node.redis(Command.FLUSHDB);
        app.read(0);
        await().until(() -> payloads(app.read(0)).equals(List.of(RESYNC)));
    }

    @Test
    void a_late_repeat_of_a_resync_that_is_read_already_drops_nothing_that_came_after_it() {
        append("", 1);
        append(Resyncs.OVERFLOW, 2);
        append("", 3);
        assertThat(ids(0)).containsExactly(2L, 3L);
        node.redis(Command.LPOP, UserKeys.inbox(UID));
        append(Resyncs.OVERFLOW, 2);
        assertThat(ids(0)).containsExactly(3L);
        append(Resyncs.OVERFLOW, 4);
        assertThat(ids(0)).as("the next one does").containsExactly(4L);
    }

    private void append(String key, long id) {
        node.call(() -> node.appends().append(Inbox.claim(id, key, List.of(UID))));
    }

    private long[] commands(int count) {
        long[] ids = LongStream.range(0, count).map(i -> node.command(UID)).toArray();
        if (!node.vertx.deploymentIDs().isEmpty()) {
            await().until(node::allDone);
        }
        return ids;
    }

    private List<Long> ids(long after) {
        return inbox.read(after, 100).pointers().stream()
                .map(Pointer::commandId)
                .toList();
    }

    private static List<String> payloads(List<dev.herald.bus.message.InboxMessage.Entry> entries) {
        return entries.stream().map(entry -> entry.command().payload().text()).toList();
    }
}
