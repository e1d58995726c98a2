package dev.herald.fanout.inbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.herald.bus.Addresses;
import dev.herald.bus.message.InboxMessage.Ack;
import dev.herald.bus.message.InboxMessage.AckInboxes;
import dev.herald.bus.message.InboxMessage.Entry;
import dev.herald.bus.message.InboxMessage.InboxPage;
import dev.herald.bus.message.InboxMessage.OpenInbox;
import dev.herald.bus.message.InboxMessage.PullInbox;
import dev.herald.bus.message.InboxMessage.ReadInbox;
import dev.herald.fanout.Inbox;
import dev.herald.fanout.Node;
import dev.herald.model.ChannelKey;
import dev.herald.model.DeviceFlag;
import dev.herald.redis.UserKeys;
import io.vertx.redis.client.Command;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the devices of one user see, over the bus. */
@Timeout(60)
@Tag("redis-cluster")
class InboxIT {
    private static final String UID = "u1";
    private static final OptionalInt NO_DEVICE = OptionalInt.empty();

    @RegisterExtension
    final Node node = new Node("commands.inbox-bound", "20000", "sweep", "PT1H");

    private final Inbox inbox = new Inbox(node, UID);

    @BeforeEach
    void deploy() {
        node.deploy(1);
    }

    @Test
    void the_first_device_receives_everything_that_waits() {
        commands(3);
        assertThat(open(DeviceFlag.APP)).isZero();
        assertThat(seqs(read(0, 100))).containsExactly(1L, 2L, 3L);
        assertThat(open(DeviceFlag.APP)).isZero();
    }

    @Test
    void the_first_device_starts_where_the_back_end_has_acknowledged() {
        commands(5);
        pull(NO_DEVICE, 10);
        ack(NO_DEVICE, 2);
        assertThat(open(DeviceFlag.APP)).isEqualTo(2);
    }

    @Test
    void a_further_device_starts_at_the_tail_and_sees_what_comes_later() {
        commands(3);
        open(DeviceFlag.APP);
        assertThat(open(DeviceFlag.WEB)).isEqualTo(3);
        commands(1);
        assertThat(open(DeviceFlag.WEB)).isEqualTo(3);
        assertThat(seqs(read(3, 100))).containsExactly(4L);
    }

    @Test
    void a_device_that_lacks_what_was_before_it_is_told_so_until_it_acknowledges() {
        commands(3);
        assertThat(isTold(DeviceFlag.APP)).isFalse();
        assertThat(isTold(DeviceFlag.WEB)).isTrue();
        assertThat(isTold(DeviceFlag.WEB)).isTrue();
        ack(OptionalInt.of(DeviceFlag.WEB), 3);
        assertThat(isTold(DeviceFlag.WEB)).isFalse();
    }

    @Test
    void a_pull_for_a_device_that_lacks_what_was_before_it_says_so_first_until_it_acknowledges() {
        commands(3);
        open(DeviceFlag.APP);
        OptionalInt web = OptionalInt.of(DeviceFlag.WEB);
        pull(web, 1);
        commands(1);
        assertThat(pull(web, 1).entries())
                .extracting(entry -> entry.command().payload().text())
                .containsExactly("{\"type\":99,\"cmd\":\"resync\",\"param\":{\"reason\":\"new_device\"}}", "{}");
        assertThat(seqs(pull(web, 1))).containsExactly(3L, 4L);
        ack(web, 3);
        assertThat(seqs(pull(web, 1))).containsExactly(4L);
    }

    @Test
    void a_device_of_an_empty_inbox_starts_at_its_beginning() {
        assertThat(open(DeviceFlag.APP)).isZero();
        assertThat(open(DeviceFlag.WEB)).isZero();
        assertThat(read(0, 10)).isEqualTo(new InboxPage(List.of(), 0, false));
    }

    @Test
    void an_entry_carries_the_command_as_it_was_committed() {
        node.channel("g1", 0);
        long id = node.sql("""
                insert into cmd (channel_id, channel_type, from_uid, client_msg_no, payload, uids, done_at, created_at)
                values ('g1', 2, 'back', 'n', '\\x7b7d', '{}', now(), to_timestamp(1755000000.9)) returning id""").getFirst().getLong(0);
        inbox.append(id);
        Entry entry = read(0, 10).entries().getFirst();
        assertThat(entry.command().id()).isEqualTo(id);
        assertThat(entry.command().channel()).isEqualTo(ChannelKey.group("g1"));
        assertThat(entry.command().fromUid()).isEqualTo("back");
        assertThat(entry.command().payload().text()).isEqualTo("{}");
        assertThat(entry.command().timestampSeconds()).isEqualTo(1755000000);
    }

    @Test
    void a_cursor_goes_neither_back_nor_beyond_the_tail() {
        commands(3);
        open(DeviceFlag.APP);
        ack(OptionalInt.of(DeviceFlag.APP), 2);
        ack(OptionalInt.of(DeviceFlag.APP), 1);
        assertThat(open(DeviceFlag.APP)).isEqualTo(2);
        ack(OptionalInt.of(DeviceFlag.APP), 1_000);
        assertThat(open(DeviceFlag.APP)).isEqualTo(3);
        commands(1);
        assertThat(seqs(pull(OptionalInt.of(DeviceFlag.APP), 10))).containsExactly(4L);
    }

    @Test
    void an_acknowledgement_makes_no_device_known_that_never_came_or_was_forgotten() {
        commands(3);
        open(DeviceFlag.APP);
        ack(OptionalInt.of(DeviceFlag.PC), 1);
        claim(OptionalInt.of(DeviceFlag.PC), 1);
        claim(OptionalInt.of(DeviceFlag.PC), 0);
        assertThat(isTold(DeviceFlag.PC)).isTrue();
        assertThat(open(DeviceFlag.PC)).isEqualTo(3);
    }

    @Test
    void an_acknowledgement_from_before_a_device_was_forgotten_does_not_keep_it_from_being_told() {
        commands(3);
        open(DeviceFlag.APP);
        open(DeviceFlag.WEB);
        pull(OptionalInt.of(DeviceFlag.WEB), 10);
        node.sql("update device_cursor set seen_at = now() - interval '31 days' where device_flag = 1");
        node.retain(node.config.commands().retention());
        claim(OptionalInt.of(DeviceFlag.WEB), 3);
        assertThat(isTold(DeviceFlag.WEB)).isTrue();
        claim(OptionalInt.of(DeviceFlag.WEB), 3);
        ack(OptionalInt.of(DeviceFlag.WEB), 2);
        assertThat(isTold(DeviceFlag.WEB)).isTrue();
        pull(OptionalInt.of(DeviceFlag.WEB), 10);
        claim(OptionalInt.of(DeviceFlag.WEB), 0);
        assertThat(isTold(DeviceFlag.WEB)).isFalse();
    }

    @Test
    void a_device_that_pulls_acknowledges_no_more_than_it_was_given() {
        OptionalInt web = OptionalInt.of(DeviceFlag.WEB);
        commands(3);
        open(DeviceFlag.WEB);
        claim(web, 3);
        assertThat(seqs(pull(web, 2))).as("was not given any").containsExactly(1L, 2L);
        commands(1);
        claim(web, Long.MAX_VALUE);
        assertThat(seqs(pull(web, 10))).containsExactly(3L, 4L);
        commands(1);
        claim(web, Long.MAX_VALUE);
        assertThat(seqs(pull(web, 10))).containsExactly(5L);
        claim(web, 5);
        claim(web, 3);
        assertThat(open(DeviceFlag.WEB)).isEqualTo(5);
    }

    @Test
    void a_device_that_is_connected_acknowledges_what_it_was_sent_over_http_too() {
        commands(3);
        open(DeviceFlag.WEB);
        open(DeviceFlag.APP);
        node.redis(Command.HSET, UserKeys.sessions(UID), "77", "1 0 1 device");
        claim(OptionalInt.of(DeviceFlag.WEB), 2);
        claim(OptionalInt.of(DeviceFlag.APP), 3);
        assertThat(open(DeviceFlag.WEB)).isEqualTo(2);
        assertThat(isTold(DeviceFlag.APP)).as("another device is").isTrue();
    }

    @Test
    void a_pull_for_a_device_opens_it_and_reads_from_its_cursor() {
        commands(3);
        assertThat(seqs(pull(OptionalInt.of(DeviceFlag.APP), 2))).containsExactly(1L, 2L);
        ack(OptionalInt.of(DeviceFlag.APP), 2);
        assertThat(seqs(pull(OptionalInt.of(DeviceFlag.APP), 2))).containsExactly(3L);
        assertThat(pull(OptionalInt.of(DeviceFlag.WEB), 2).entries())
                .as("but for the word that it is new")
                .allMatch(entry -> entry.command().id() == 0);
    }

    @Test
    void a_pull_for_no_device_has_its_own_cursor_which_moves_no_device() {
        commands(4);
        assertThat(seqs(pull(NO_DEVICE, 10))).containsExactly(1L, 2L, 3L, 4L);
        open(DeviceFlag.APP);
        ack(NO_DEVICE, 3);
        assertThat(seqs(pull(NO_DEVICE, 10))).containsExactly(4L);
        assertThat(open(DeviceFlag.APP)).isZero();
        assertThat(seqs(pull(OptionalInt.of(DeviceFlag.APP), 10))).containsExactly(1L, 2L, 3L, 4L);
    }

    @Test
    void a_first_pull_for_no_device_skips_what_every_device_has() {
        commands(5);
        open(DeviceFlag.APP);
        open(DeviceFlag.WEB);
        assertThat(seqs(pull(NO_DEVICE, 10))).containsExactly(1L, 2L, 3L, 4L, 5L);
        ack(OptionalInt.of(DeviceFlag.APP), 2);
        assertThat(seqs(pull(NO_DEVICE, 10))).containsExactly(3L, 4L, 5L);
    }

    @Test
    void an_acknowledging_pull_is_a_reader_that_no_device_hides_anything_from() {
        commands(5);
        pull(NO_DEVICE, 2);
        ack(NO_DEVICE, 2);
        open(DeviceFlag.WEB);
        ack(OptionalInt.of(DeviceFlag.WEB), 5);
        assertThat(seqs(pull(NO_DEVICE, 10))).containsExactly(3L, 4L, 5L);
    }

    @Test
    void a_pull_acknowledges_no_more_than_it_was_given() {
        commands(5);
        ack(NO_DEVICE, 99_999);
        assertThat(seqs(pull(NO_DEVICE, 2))).containsExactly(1L, 2L);
        ack(NO_DEVICE, 99_999);
        assertThat(seqs(pull(NO_DEVICE, 10))).containsExactly(3L, 4L, 5L);
    }

    @Test
    void an_acknowledgement_before_any_pull_changes_nothing() {
        commands(2);
        open(DeviceFlag.APP);
        ack(OptionalInt.of(DeviceFlag.APP), 2);
        ack(NO_DEVICE, 1);
        assertThat(node.redis(Command.HEXISTS, UserKeys.cursors(UID), "pull").toInteger())
                .isZero();
        assertThat(seqs(pull(NO_DEVICE, 10))).isEmpty();
    }

    @Test
    void a_pull_is_bounded_in_bytes_and_reads_on_from_what_it_gave() {
        commands(30);
        node.sql("update cmd set payload = convert_to(repeat('x', 1000000), 'UTF8')");
        node.sql(
                "update cmd set expire = 1, created_at = now() - interval '1 hour' where id < (select min(id) + 2 from cmd)");
        assertThat(seqs(pull(NO_DEVICE, 200)))
                .containsExactlyElementsOf(LongStream.rangeClosed(3, 17).boxed().toList());
        ack(NO_DEVICE, 99_999);
        assertThat(seqs(pull(NO_DEVICE, 200)))
                .containsExactlyElementsOf(
                        LongStream.rangeClosed(18, 30).boxed().toList());
    }

    @Test
    void a_session_is_given_no_more_bytes_at_once_than_it_has_room_for() {
        commands(3);
        node.sql("update cmd set payload = convert_to(repeat('x', 1000000), 'UTF8')");

        assertThat(seqs(read(0, 100))).containsExactly(1L);
        assertThat(read(0, 100).more()).isTrue();
        assertThat(seqs(read(2, 100))).containsExactly(3L);
        assertThat(read(2, 100).more()).isFalse();
    }

    @Test
    void pages_through_more_than_ten_thousand_entries_in_order() {
        node.sql("""
                insert into cmd (channel_id, channel_type, from_uid, client_msg_no, payload, uids, done_at)
                select 'direct', 8, 'back', i::text, '', '{u1}', now() from generate_series(1, 10500) i""");
        inbox.append(LongStream.rangeClosed(1, 10_500).toArray());
        List<Long> seen = new ArrayList<>();
        InboxPage page = read(0, 999);
        while (!page.entries().isEmpty()) {
            assertThat(page.tail()).isEqualTo(10_500);
            assertThat(page.entries())
                    .allMatch(entry -> entry.seq() == entry.command().id());
            seen.addAll(seqs(page));
            page = read(seen.getLast(), 999);
        }
        assertThat(seen)
                .containsExactlyElementsOf(
                        LongStream.rangeClosed(1, 10_500).boxed().toList());
    }

    @Test
    void an_entry_whose_command_is_gone_is_skipped_and_leaves_its_room_to_others() {
        commands(10);
        List<Long> ids =
                inbox.read(0, 10).pointers().stream().map(Pointer::commandId).toList();
        node.sql(
                "delete from cmd where id = any($1)", (Object) ids.subList(0, 6).toArray(Long[]::new));
        assertThat(seqs(read(0, 3))).containsExactly(7L, 8L, 9L);
        assertThat(seqs(read(0, 100))).startsWith(7L, 8L, 9L, 10L);
        assertThat(seqs(read(9, 1))).containsExactly(10L);
    }

    @Test
    void whoever_reads_past_commands_that_are_gone_is_told_once_to_refresh_everything() {
        commands(3);
        node.sql("delete from cmd");
        read(0, 10);
        read(0, 10);
        await().until(() -> !read(3, 10).entries().isEmpty());
        assertThat(read(0, 10).entries())
                .extracting(entry -> entry.command().payload().text())
                .containsExactly("{\"type\":99,\"cmd\":\"resync\",\"param\":{\"reason\":\"expired\"}}");
    }

    @Test
    void refuses_what_is_out_of_range_by_name() {
        assertThatThrownBy(() -> read(0, 0)).hasMessageContaining("limit: must be from 1 to 10000");
        assertThatThrownBy(() -> pull(NO_DEVICE, 10_001)).hasMessageContaining("limit: must be from 1 to 10000");
        assertThatThrownBy(() -> ack(NO_DEVICE, -1)).hasMessageContaining("seq: must not be negative");
    }

    private boolean isTold(int flag) {
        return node.call(() -> node.bus.request(Addresses.INBOX_OPEN, new OpenInbox(UID, flag)))
                .fresh();
    }

    /** Commands with rows, that need no fan-out any more. */
    private void commands(int count) {
        List<Long> ids =
                node.sql("""
                insert into cmd (channel_id, channel_type, from_uid, client_msg_no, payload, uids, done_at)
                select 'direct', 8, 'back', gen_random_uuid()::text, '\\x7b7d', '{u1}', now() from generate_series(1, $1) i
                returning id""", count).stream().map(row -> row.getLong(0)).toList();
        inbox.append(ids.stream().mapToLong(id -> id).toArray());
    }

    private long open(int flag) {
        return node.call(() -> node.bus.request(Addresses.INBOX_OPEN, new OpenInbox(UID, flag)))
                .cursor();
    }

    private InboxPage read(long after, int limit) {
        return node.call(() -> node.bus.request(Addresses.INBOX_READ, new ReadInbox(UID, after, limit)));
    }

    private InboxPage pull(OptionalInt flag, int limit) {
        return node.call(() -> node.bus.request(Addresses.INBOX_PULL, new PullInbox(UID, flag, limit)));
    }

    /** Of a device as its session does, of none as a pull. */
    private void ack(OptionalInt flag, long seq) {
        ack(new Ack(UID, flag, seq, flag.isEmpty()));
    }

    private void claim(OptionalInt flag, long seq) {
        ack(new Ack(UID, flag, seq, true));
    }

    private void ack(Ack ack) {
        node.call(() -> node.bus.request(Addresses.INBOX_ACK, AckInboxes.of(ack)));
    }

    private static List<Long> seqs(InboxPage page) {
        return page.entries().stream().map(Entry::seq).toList();
    }
}
