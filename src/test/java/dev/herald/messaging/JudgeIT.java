package dev.herald.messaging;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.account.SystemAccounts;
import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.message.Done;
import dev.herald.bus.message.MessagingMessage.MessageSent;
import dev.herald.bus.message.MessagingMessage.SendMessage;
import dev.herald.bus.message.SocketMessage.Push;
import dev.herald.config.ConfigLoader;
import dev.herald.it.Sql;
import dev.herald.it.Stores;
import dev.herald.model.ChannelKey;
import dev.herald.model.Reason;
import dev.herald.postgres.PgClients;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who may send where, and who receives it, as far as it is read from the stores. */
@Timeout(60)
class JudgeIT {
    private static final Map<String, String> CONFIG =
            Map.of("messages.person-whitelist", "true", "messages.user-rate", "20");

    private final Vertx vertx = Vertx.vertx();
    private final PgClients pg = PgClients.open(vertx, Stores.freshPostgres(), 8);
    private final Sql sql = new Sql(pg.statements());
    private final SystemAccounts accounts = new SystemAccounts(pg);
    private final Bus bus = new Bus(vertx);
    private final List<Push> pushes = Messages.pushedBy(bus);
    private int numbers;

    @BeforeEach
    void deploy() {
        Sql.await(accounts.add(Set.of("robot")));
        Sql.await(vertx.deployVerticle(new MessageVerticle(ConfigLoader.load(CONFIG), bus, pg)));
        Messages.createGroup(sql, "g1", "u1", "u2");
    }

    @AfterEach
    void close() {
        Sql.await(vertx.close());
    }

    @Test
    void system_accounts_pass_lists_and_bans_but_not_the_end_of_a_channel() {
        assertThat(send("robot", 2, "g1")).isEqualTo(Reason.SUCCESS);
        flag("g1", "ban");
        flag("g1", "send_ban");
        assertThat(send("robot", 2, "g1")).isEqualTo(Reason.SUCCESS);
        assertThat(send("u1", 2, "g1")).isEqualTo(Reason.BAN);
        flag("g1", "disband");
        assertThat(send("robot", 2, "g1")).isEqualTo(Reason.DISBAND);
    }

    @Test
    void a_person_with_a_whitelist_is_reached_by_system_accounts_and_reaches_them() {
        assertThat(send("u1", 1, "u2")).isEqualTo(Reason.NOT_IN_WHITELIST);
        assertThat(send("robot", 1, "u2")).isEqualTo(Reason.SUCCESS);
        assertThat(send("u2", 1, "robot")).isEqualTo(Reason.SUCCESS);
        sql.run("insert into channel (channel_id, channel_type, allow_stranger, revision) values ('u2', 1, true, 1)");
        assertThat(send("u1", 1, "u2")).isEqualTo(Reason.SUCCESS);
    }

    @Test
    void a_change_of_the_system_accounts_is_in_force_soon() {
        assertThat(send("newcomer", 2, "g1")).isEqualTo(Reason.NOT_MEMBER);
        Sql.await(accounts.add(Set.of("newcomer")));
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> send("newcomer", 2, "g1") == Reason.SUCCESS);
        Sql.await(accounts.remove(Set.of("newcomer")));
        bus.publish(Addresses.SYSTEM_ACCOUNTS_CHANGED, Done.DONE);
        Awaitility.await().until(() -> send("newcomer", 2, "g1") == Reason.NOT_MEMBER);
    }

    @Test
    void a_muted_group_and_a_muted_user_are_told_so() {
        flag("g1", "send_ban");
        assertThat(send("u1", 2, "g1")).isEqualTo(Reason.SEND_BAN);
        sql.run("insert into channel (channel_id, channel_type, send_ban) values ('u2', 1, true)");
        assertThat(send("u2", 1, "robot")).isEqualTo(Reason.SEND_BAN);
        sql.run("update channel set send_ban = false, ban = true, revision = revision + 1 where channel_id = 'u2'");
        assertThat(send("u2", 1, "robot")).isEqualTo(Reason.BAN);
    }

    @Test
    void strangers_may_write_to_a_group_that_allows_them() {
        assertThat(send("stranger", 2, "g1")).isEqualTo(Reason.NOT_MEMBER);
        flag("g1", "allow_stranger");
        assertThat(send("stranger", 2, "g1")).isEqualTo(Reason.SUCCESS);
    }

    @Test
    void a_refused_message_leaves_no_trace() {
        send("u1", 1, "u2");
        send("u1", 2, "no such group");
        send("u1", 4, "no such community");
        send("u1", 10, "u2");

        assertThat(sql.value("select count(*) from channel")).isEqualTo("1");
        assertThat(sql.value("select count(*) from message")).isEqualTo("0");
    }

    /** Rows 6 to 10 of section 4.3 ask for no list, so for no channel either. */
    @Test
    void who_needs_to_be_in_no_list_begins_a_channel() {
        assertThat(send("u1", 6, "news")).isEqualTo(Reason.SUCCESS);
        assertThat(send("visitor", 3, "visitor|shop")).isEqualTo(Reason.SUCCESS);
        assertThat(send("visitor", 10, "visitor")).isEqualTo(Reason.SUCCESS);
        assertThat(send("robot", 2, "g2")).isEqualTo(Reason.SUCCESS);
        assertThat(send("robot", 5, "topic")).isEqualTo(Reason.SUCCESS);
        SendMessage trusted = Messages.of("u1", true, ChannelKey.group("g3"), "by the back end");
        assertThat(Sql.await(bus.request(Addresses.MESSAGE_SEND, trusted)).reason())
                .isEqualTo(Reason.SUCCESS);

        assertThat(sql.rows("select c.channel_id, uid from channel c join member on channel = pk where c.pk > 1"))
                .containsExactlyInAnyOrder("visitor|shop visitor", "visitor visitor");
        assertThat(send("u1", 2, "g2")).isEqualTo(Reason.NOT_MEMBER);
    }

    @Test
    void an_agent_and_its_user_share_a_channel() {
        assertThat(send("u1", 11, "agent")).isEqualTo(Reason.SUCCESS);
        assertThat(send("agent", 11, "u1@agent")).isEqualTo(Reason.SUCCESS);
        assertThat(send("eve", 11, "u1@agent")).isEqualTo(Reason.NOT_MEMBER);

        assertThat(sql.value("select last_seq from channel where channel_id = 'u1@agent'"))
                .isEqualTo("2");
        assertThat(receivers(2)).isEqualTo(Set.of("u1", "agent"));
    }

    @Test
    void a_visitor_writes_to_its_own_channel_and_its_servants_do() {
        assertThat(send("visitor", 10, "visitor")).isEqualTo(Reason.SUCCESS);
        assertThat(send("helper", 10, "visitor")).isEqualTo(Reason.NOT_MEMBER);
        assertThat(send("visitor", 10, "other")).isEqualTo(Reason.NOT_MEMBER);
        Messages.create(sql, new ChannelKey("visitor2", 10), "helper");
        assertThat(send("helper", 10, "visitor2")).isEqualTo(Reason.SUCCESS);
        assertThat(receivers(2)).isEqualTo(Set.of("helper", "visitor2"));
    }

    @Test
    void a_channel_of_customer_service_reaches_the_visitor_in_its_name() {
        Messages.create(sql, new ChannelKey("visitor|shop", 3), "helper");
        flag("visitor|shop", "disband");
        assertThat(send("visitor", 3, "visitor|shop")).isEqualTo(Reason.SUCCESS);
        assertThat(receivers(1)).isEqualTo(Set.of("helper", "visitor"));
    }

    @Test
    void a_resend_is_answered_as_the_first_was_whatever_has_changed_since() {
        SendMessage message = Messages.group("u1", "g1", "once");
        MessageSent first = Sql.await(bus.request(Addresses.MESSAGE_SEND, message));
        flag("g1", "ban");

        assertThat(Sql.await(bus.request(Addresses.MESSAGE_SEND, message))).isEqualTo(first);
        assertThat(send("u1", 2, "g1")).isEqualTo(Reason.BAN);
    }

    @Test
    void one_user_may_not_send_without_measure_over_any_number_of_connections() {
        List<Future<MessageSent>> sent = IntStream.range(0, 500)
                .mapToObj(i -> bus.request(Addresses.MESSAGE_SEND, Messages.group("u1", "g1", "many" + i)))
                .toList();
        Sql.await(Future.all(sent));
        List<Reason> reasons = sent.stream().map(each -> each.result().reason()).toList();

        assertThat(reasons.subList(0, 80)).containsOnly(Reason.SUCCESS);
        assertThat(reasons).contains(Reason.RATE_LIMIT);
        assertThat(send("u2", 2, "g1")).isEqualTo(Reason.SUCCESS);
        SendMessage trusted = Messages.of("u1", true, ChannelKey.group("g1"), "by the back end");
        assertThat(Sql.await(bus.request(Addresses.MESSAGE_SEND, trusted)).reason())
                .isEqualTo(Reason.SUCCESS);
    }

    private Reason send(String from, int type, String channel) {
        SendMessage message = Messages.of(from, false, new ChannelKey(channel, type), "n" + ++numbers);
        return Sql.await(bus.request(Addresses.MESSAGE_SEND, message)).reason();
    }

    /** Of the n-th message. */
    private Set<String> receivers(int n) {
        Awaitility.await().until(() -> pushes.size() >= n);
        return pushes.get(n - 1).uids();
    }

    private void flag(String id, String flag) {
        sql.run("update channel set revision = revision + 1, %s = true where channel_id = '%s'".formatted(flag, id));
    }
}
