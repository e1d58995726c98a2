package dev.herald.fanout.inbox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.fanout.Inbox;
import dev.herald.fanout.Node;
import dev.herald.model.DeviceFlag;
import dev.herald.redis.UserKeys;
import io.vertx.redis.client.Command;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(60)
class RetentionIT {
    private static final String UID = "u1";
    private static final String LONG_AGO = "now() - interval '31 days'";

    @RegisterExtension
    final Node node = new Node();

    private final Inbox inbox = new Inbox(node, UID);

    @Test
    void ends_commands_that_are_done_and_old_and_no_others() {
        long old = node.command(UID);
        node.sql("update cmd set done_at = " + LONG_AGO);
        long pending = node.command(UID);
        node.sql("update cmd set created_at = " + LONG_AGO);
        long young = node.command(UID);
        node.sql("update cmd set done_at = now() where id = $1", young);
        sweep();
        assertThat(ids("select id from cmd order by id"))
                .containsExactly(pending, young)
                .doesNotContain(old);
    }

    @Test
    void ends_many_commands_in_one_sweep() {
        node.sql("""
                insert into cmd (channel_id, channel_type, from_uid, client_msg_no, payload, uids, done_at)
                select 'direct', 8, 'back', i::text, '', '{u1}', now() - interval '40 days' from generate_series(1, 3500) i""");
        sweep();
        assertThat(ids("select id from cmd")).isEmpty();
    }

    @Test
    void ends_memberships_that_no_command_asks_for() {
        long channel = node.channel("g1", 0);
        node.sql("""
                insert into member (channel, uid, since, until) values
                    ($1, 'left-long-ago', 1, 3), ($1, 'asked-for', 1, 5), ($1, 'asked-for-as-leaver', 1, 4),
                    ($1, 'member', 1, null)""", channel);
        node.sql("""
                insert into member (channel, uid, since, until, closed_at) values
                    ($1, 'left-just-now', 1, 3, now()), ($1, 'left-days-ago', 1, 3, now() - interval '2 days')""", channel);
        node.command(channel, 4, true);
        sweep();
        assertThat(node.sql("select uid from member order by uid"))
                .extracting(row -> row.getString(0))
                .containsExactly("asked-for", "asked-for-as-leaver", "left-just-now", "member");
    }

    @Test
    void ends_traces_of_what_left_the_lists_a_day_ago() {
        node.sql(
                "insert into listed (channel, allowed, uid) values (1, false, 'days-ago'), (1, false, 'now'), (1, true, 'there')");
        node.sql("delete from listed where not allowed");
        node.sql("update unlisted set gone_at = now() - interval '2 days' where uid = 'days-ago'");
        sweep();
        assertThat(node.sql("select uid from unlisted"))
                .extracting(row -> row.getString(0))
                .containsExactly("now");
    }

    @Test
    void forgets_a_device_that_never_came_so_that_it_holds_no_list() {
        long[] commands = {node.command(UID), node.command(UID), node.command(UID)};
        inbox.append(commands);
        inbox.open(DeviceFlag.APP);
        inbox.open(DeviceFlag.WEB);
        node.sql("update device_cursor set seen_at = " + LONG_AGO + " where device_flag = 0");
        sweep();
        assertThat(node.redis(Command.HEXISTS, UserKeys.cursors(UID), "d0").toInteger())
                .isZero();
        assertThat(node.redis(Command.HEXISTS, UserKeys.cursors(UID), "d1").toInteger())
                .isOne();
        assertThat(devices()).containsExactly(1L);
        assertThat(node.inbox(UID)).hasSize(3);

        node.sql("update cmd set done_at = " + LONG_AGO + " where id < $1", commands[2]);
        node.sql("update device_cursor set seen_at = " + LONG_AGO);
        sweep();
        assertThat(node.inbox(UID)).as("of what is still there").containsExactly("3:" + commands[2]);
        assertThat(inbox.open(DeviceFlag.APP)).isZero();
    }

    @Test
    void forgets_a_device_that_never_came_whatever_others_of_its_user_do() {
        inbox.open(DeviceFlag.APP);
        inbox.open(DeviceFlag.WEB);
        inbox.open(DeviceFlag.PC);
        inbox.append(node.command(UID));
        node.sql("update device_cursor set seen_at = " + LONG_AGO);
        node.crash();
        inbox.open(DeviceFlag.PC);
        inbox.ack(DeviceFlag.APP, 1, 1);
        node.call(() -> node.cursors().flush());
        sweep();
        assertThat(devices()).containsExactlyInAnyOrder((long) DeviceFlag.APP, (long) DeviceFlag.PC);
    }

    @Test
    void forgets_no_device_that_is_connected_though_it_had_nothing_to_acknowledge_for_long() {
        inbox.open(DeviceFlag.WEB);
        inbox.open(DeviceFlag.APP);
        node.redis(Command.HSET, UserKeys.sessions(UID), "77", DeviceFlag.WEB + " 0 1 device");
        node.sql("update device_cursor set seen_at = " + LONG_AGO);
        sweep();
        assertThat(devices()).containsExactly((long) DeviceFlag.WEB);
        long command = node.command(UID);
        inbox.append(command);
        assertThat(inbox.opened(DeviceFlag.WEB)).isEqualTo(new Inboxes.Opened(0, false, 1));

        node.redis(Command.DEL, UserKeys.sessions(UID));
        sweep();
        assertThat(devices()).as("came when it was last seen connected").containsExactly((long) DeviceFlag.WEB);
        node.sql("update device_cursor set seen_at = " + LONG_AGO);
        sweep();
        assertThat(devices()).isEmpty();
    }

    @Test
    void whoever_comes_after_the_last_device_was_forgotten_is_told_that_the_list_was_cut() {
        assertThat(isTold(DeviceFlag.APP)).as("nothing was before it").isFalse();
        forgetAll();
        assertThat(isTold(DeviceFlag.APP)).isTrue();
        inbox.ack(DeviceFlag.APP, 0, 1);
        assertThat(isTold(DeviceFlag.APP)).as("known").isFalse();
        forgetAll();
        node.redis(Command.FLUSHALL);
        assertThat(isTold(DeviceFlag.WEB)).as("though Redis was lost").isTrue();
        inbox.append(node.command(UID));
        assertThat(inbox.read(0, 10).pointers()).hasSize(1);
    }

    @Test
    void a_pull_that_names_no_device_is_told_that_the_list_was_cut() {
        inbox.open(DeviceFlag.APP);
        inbox.append(node.command(UID));
        inbox.ackPull(1, 1);
        assertThat(isPullTold()).isFalse();
        node.sql("update device_cursor set seen_at = " + LONG_AGO + " where device_flag = " + DeviceFlag.APP);
        sweep();
        assertThat(isPullTold()).as("the last device was forgotten").isTrue();
        assertThat(isTold(DeviceFlag.APP)).isTrue();
        assertThat(isPullTold()).as("a device does not acknowledge for it").isTrue();
        inbox.ackPull(1, 1);
        assertThat(isPullTold()).isFalse();
    }

    private boolean isPullTold() {
        return node.call(() -> node.inboxes().position(UID)).fresh();
    }

    private boolean isTold(int flag) {
        return node.call(() -> node.inboxes().open(UID, flag)).fresh();
    }

    private void forgetAll() {
        node.sql("update device_cursor set seen_at = " + LONG_AGO);
        sweep();
        assertThat(devices()).isEmpty();
    }

    private void sweep() {
        node.retain(node.config.commands().retention());
    }

    private List<Long> devices() {
        return ids("select device_flag::bigint from device_cursor where device_flag >= 0");
    }

    private List<Long> ids(String query) {
        return node.sql(query).stream().map(row -> row.getLong(0)).toList();
    }
}
