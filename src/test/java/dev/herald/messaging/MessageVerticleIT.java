package dev.herald.messaging;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.message.MessagingMessage.MessageSent;
import dev.herald.bus.message.MessagingMessage.SendAnswer;
import dev.herald.bus.message.MessagingMessage.SendMessage;
import dev.herald.bus.message.MessagingMessage.SendMessages;
import dev.herald.bus.message.SocketMessage.Push;
import dev.herald.config.ConfigLoader;
import dev.herald.endpoint.Endpoints;
import dev.herald.it.Blocked;
import dev.herald.it.Sql;
import dev.herald.it.Stores;
import dev.herald.model.ChannelKey;
import dev.herald.model.Delivery.Header;
import dev.herald.model.Reason;
import dev.herald.postgres.PgClients;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class MessageVerticleIT {
    private final Vertx vertx = Vertx.vertx();
    private final String url = Stores.freshPostgres();
    private final PgClients pg = PgClients.open(vertx, url, 8);
    private final Sql sql = new Sql(pg.statements());
    private final Bus bus = new Bus(vertx);
    private final List<Push> pushes = Messages.pushedBy(bus);

    @BeforeEach
    void deploy() {
        var config = ConfigLoader.load(Map.of("webhook.url", "http://127.0.0.1:1/"));
        Sql.await(new Endpoints(pg).record(List.of("msg.notify")));
        Sql.await(vertx.deployVerticle(new MessageVerticle(config, bus, pg)));
        Messages.createGroup(sql, "g1", "u1", "u2");
    }

    @AfterEach
    void close() {
        Sql.await(vertx.close());
    }

    @Test
    void a_group_message_is_stored_answered_and_pushed_to_the_members() {
        MessageSent sent = send(Messages.group("u1", "g1", "c1"));

        assertThat(sent.reason()).isEqualTo(Reason.SUCCESS);
        assertThat(sent.messageSeq()).isEqualTo(1);
        assertThat(longs("select id from message where seq = 1")).containsExactly(sent.messageId());
        Awaitility.await().until(() -> pushes.size() == 1);
        Push push = pushes.getFirst();
        assertThat(push.uids()).containsExactlyInAnyOrder("u1", "u2");
        assertThat(push.skipSession()).isEqualTo(77);
        assertThat(push.delivery().messageSeq()).isEqualTo(1);
        assertThat(push.delivery().messageId()).isEqualTo(sent.messageId());
    }

    @Test
    void both_sides_of_a_conversation_share_one_sequence() {
        assertThat(send(Messages.person("a", "b", "c1")).messageSeq()).isEqualTo(1);
        assertThat(send(Messages.person("b", "a", "c1")).messageSeq()).isEqualTo(2);
        Awaitility.await().until(() -> pushes.size() == 2);
        assertThat(pushes.get(1).uids()).isEqualTo(Set.of("a", "b"));
        assertThat(pushes.get(1).delivery().channel()).isEqualTo(new ChannelKey("a", ChannelKey.PERSON));
    }

    @Test
    void a_resend_gets_the_first_answer_and_is_not_pushed_again() {
        MessageSent first = send(Messages.group("u1", "g1", "same"));
        MessageSent again = send(Messages.group("u1", "g1", "same"));
        MessageSent other = send(Messages.group("u2", "g1", "same"));

        assertThat(again).isEqualTo(first);
        assertThat(other.messageSeq()).isEqualTo(2);
        Awaitility.await().until(() -> pushes.size() == 2);
    }

    @Test
    void a_resend_in_the_same_batch_is_one_message() {
        List<MessageSent> answers = sendAll(IntStream.range(0, 50)
                .mapToObj(i -> Messages.group("u1", "g1", "c" + i % 10))
                .toList());

        assertThat(answers.stream().map(MessageSent::messageSeq).distinct()).hasSize(10);
        assertThat(longs("select seq from message order by seq"))
                .isEqualTo(LongStream.rangeClosed(1, 10).boxed().toList());
    }

    @Test
    void sends_are_stored_and_pushed_in_the_order_sent() {
        List<MessageSent> answers = sendAll(IntStream.range(0, 3_000)
                .mapToObj(i -> Messages.group("u1", "g1", "c" + i))
                .toList());

        List<Long> expected = LongStream.rangeClosed(1, 3_000).boxed().toList();
        assertThat(answers.stream().map(MessageSent::messageSeq)).isEqualTo(expected);
        Awaitility.await().until(() -> pushes.size() == 3_000);
        assertThat(pushes.stream().map(push -> push.delivery().messageSeq())).isEqualTo(expected);
    }

    @Test
    void two_nodes_share_a_sequence_without_gap_or_repeat() {
        Vertx other = Vertx.vertx();
        Bus otherBus = nodeOf(other);
        List<Future<MessageSent>> answers = IntStream.range(0, 1_000)
                .mapToObj(i -> (i % 2 == 0 ? bus : otherBus)
                        .request(
                                Addresses.MESSAGE_SEND,
                                i % 4 < 2 ? Messages.group("u1", "g1", "c" + i) : Messages.person("a", "b", "c" + i)))
                .toList();
        Sql.await(Future.all(answers));
        Sql.await(other.close());

        List<Long> dense = LongStream.rangeClosed(1, 500).boxed().toList();
        assertThat(longs("select m.seq from message m join channel c on c.pk = m.channel and c.channel_id = 'g1'"
                        + " order by seq"))
                .isEqualTo(dense);
        assertThat(longs("select m.seq from message m join channel c on c.pk = m.channel and c.channel_type = 1"
                        + " order by seq"))
                .isEqualTo(dense);
    }

    @Test
    void the_same_resend_on_two_nodes_is_one_message() {
        Vertx other = Vertx.vertx();
        Bus otherBus = nodeOf(other);
        for (int i = 0; i < 50; i++) {
            SendMessage message = Messages.group("u1", "g1", "c" + i);
            Future<MessageSent> one = bus.request(Addresses.MESSAGE_SEND, message);
            Future<MessageSent> two = otherBus.request(Addresses.MESSAGE_SEND, message);
            assertThat(Sql.await(one)).isEqualTo(Sql.await(two));
        }
        Sql.await(other.close());

        assertThat(longs("select seq from message order by seq"))
                .isEqualTo(LongStream.rangeClosed(1, 50).boxed().toList());
    }

    @Test
    void a_stranger_is_refused_until_added_and_a_removed_member_is_refused_at_once() {
        assertThat(send(Messages.group("u3", "g1", "c1")).reason()).isEqualTo(Reason.NOT_MEMBER);
        sql.run("insert into member (channel, uid, since) select pk, 'u3', 2 from channel");
        sql.run("update channel set revision = 2");
        assertThat(send(Messages.group("u3", "g1", "c2")).reason()).isEqualTo(Reason.SUCCESS);
        sql.run("update member set until = 3 where uid = 'u3'");
        sql.run("update channel set revision = 3");
        assertThat(send(Messages.group("u3", "g1", "c3")).reason()).isEqualTo(Reason.NOT_MEMBER);
        assertThat(longs("select seq from message")).containsExactly(1L);
    }

    @Test
    void lists_are_in_force_from_the_revision_that_brings_them() {
        assertThat(send(Messages.group("u1", "g1", "c1")).reason()).isEqualTo(Reason.SUCCESS);

        list("g1", false, "u1", 2);
        assertThat(send(Messages.group("u1", "g1", "c2")).reason()).isEqualTo(Reason.IN_BLACKLIST);

        sql.run("delete from listed");
        list("g1", true, "u2", 3);
        assertThat(send(Messages.group("u1", "g1", "c3")).reason()).isEqualTo(Reason.NOT_IN_WHITELIST);
        assertThat(send(Messages.group("u2", "g1", "c4")).reason()).isEqualTo(Reason.SUCCESS);

        sql.run("delete from listed");
        sql.run("update channel set revision = 4");
        assertThat(send(Messages.group("u1", "g1", "c5")).reason()).isEqualTo(Reason.SUCCESS);
        assertThat(longs("select seq from message order by seq")).containsExactly(1L, 2L, 3L);
    }

    @Test
    void what_was_known_of_a_channel_is_not_believed_after_it_changed() {
        assertThat(send(Messages.group("u1", "g9", "c1")).reason()).isEqualTo(Reason.NOT_MEMBER);
        Messages.createGroup(sql, "g9", "u1");
        assertThat(send(Messages.group("u1", "g9", "c2")).messageSeq()).isEqualTo(1);

        sql.run("update channel set ban = true, revision = 2 where channel_id = 'g9'");
        assertThat(send(Messages.group("u1", "g9", "c3")).reason()).isEqualTo(Reason.BAN);
        sql.run("update channel set ban = false, revision = 3 where channel_id = 'g9'");
        assertThat(send(Messages.group("u1", "g9", "c4")).messageSeq()).isEqualTo(2);
    }

    @Test
    void a_person_is_not_written_to_by_those_on_its_own_blacklist() {
        sql.run("insert into channel (channel_id, channel_type, revision) values ('bob', 1, 1)");
        list("bob", false, "eve", 2);

        assertThat(send(Messages.person("eve", "bob", "c1")).reason()).isEqualTo(Reason.IN_BLACKLIST);
        assertThat(send(Messages.person("bob", "eve", "c1")).reason()).isEqualTo(Reason.SUCCESS);
        assertThat(send(Messages.of("eve", true, new ChannelKey("bob", ChannelKey.PERSON), "c2"))
                        .reason())
                .isEqualTo(Reason.SUCCESS);
    }

    @Test
    void a_message_that_is_not_to_be_stored_is_pushed_with_an_id_and_no_sequence() {
        MessageSent sent =
                send(Messages.with("u1", false, ChannelKey.group("g1"), "c1", new Header(true, false, false)));

        assertThat(sent.messageId()).isPositive();
        assertThat(sent.messageSeq()).isZero();
        assertThat(longs("select seq from message")).isEmpty();
        Awaitility.await().until(() -> pushes.size() == 1);
    }

    @Test
    void one_message_that_the_database_refuses_does_not_stop_its_batch() {
        List<Future<MessageSent>> answers = IntStream.range(0, 100)
                .mapToObj(i ->
                        bus.request(Addresses.MESSAGE_SEND, Messages.group("u1", "g1", i == 50 ? "nul\0" : "c" + i)))
                .toList();
        Sql.await(Future.join(answers).otherwiseEmpty());

        assertThat(answers.stream().filter(Future::failed)).hasSize(1);
        assertThat(longs("select seq from message order by seq"))
                .isEqualTo(LongStream.rangeClosed(1, 99).boxed().toList());
    }

    @Test
    void a_message_and_its_event_are_one_transaction() {
        send(Messages.group("u1", "g1", "c1"));

        assertThat(longs("select (data->>'seq')::bigint from event where type = 'msg.notify'"))
                .containsExactly(1L);
    }

    @Test
    void the_event_of_a_message_with_an_end_holds_the_message_since_it_may_be_gone_first() {
        send(Messages.group("u1", "g1", "lasting"));
        send(Messages.ending("u1", "g1", "ending", 60));

        assertThat(sql.rows("select (data->'message'->>'expire')::bigint from event order by id"))
                .containsExactly("null", "60");
        assertThat(sql.rows("select extract(epoch from expires_at - created_at)::bigint from message order by seq"))
                .containsExactly("null", "60");
    }

    @Test
    void connections_that_die_under_way_cost_time_but_no_message_and_no_push() {
        List<Future<MessageSent>> answers = new ArrayList<>();
        for (int round = 0; round < 5; round++) {
            for (int i = 0; i < 200; i++) {
                answers.add(bus.request(Addresses.MESSAGE_SEND, Messages.group("u1", "g1", round + "-" + i)));
            }
            Sql.await(answers.get(round * 200));
            killBackends();
        }
        Sql.await(Future.all(answers));

        List<Long> ids =
                answers.stream().map(answer -> answer.result().messageId()).toList();
        assertThat(longs("select id from message order by seq")).isEqualTo(ids);
        Awaitility.await().until(() -> pushedIds().containsAll(ids));
    }

    @Test
    void one_channel_that_somebody_holds_stops_nobody_but_those_who_write_to_it() {
        try (Blocked held = Blocked.by(pg, "select pk from channel where channel_id = 'g1' for update")) {
            Future<MessageSent> stopped = bus.request(Addresses.MESSAGE_SEND, Messages.group("u1", "g1", "c1"));
            Future<MessageSent> behind = bus.request(Addresses.MESSAGE_SEND, Messages.person("u1", "u2", "c2"));
            for (int i = 0; i < 20; i++) {
                assertThat(send(Messages.in(5, Messages.person("a", "b", "c" + i)))
                                .messageSeq())
                        .isEqualTo(i + 1);
            }
            Future<MessageSent> last = bus.request(Addresses.MESSAGE_SEND, Messages.group("u1", "g1", "c3"));
            assertThat(send(Messages.in(6, Messages.person("u2", "u1", "c1"))).messageSeq())
                    .isEqualTo(1);

            assertThat(List.of(stopped, behind, last)).noneMatch(Future::isComplete);
            held.end();
            assertThat(Sql.await(stopped).messageSeq()).isEqualTo(1);
            assertThat(Sql.await(last).messageSeq()).isEqualTo(2);
            assertThat(Sql.await(behind).messageSeq()).isEqualTo(2);
            assertThat(behind.result().messageId())
                    .isBetween(stopped.result().messageId(), last.result().messageId());
        }
    }

    @Test
    void who_sends_beside_one_that_waits_is_answered_at_once() {
        List<SendAnswer> answers = new CopyOnWriteArrayList<>();
        bus.hear(Addresses.answersTo("me"), told -> answers.addAll(told.list()));
        try (Blocked held = Blocked.by(pg, "select pk from channel where channel_id = 'g1' for update")) {
            List<SendMessage> messages = List.of(
                    Messages.group("u1", "g1", "c1"),
                    Messages.in(5, Messages.person("a", "b", "c2")),
                    Messages.in(6, Messages.with("a", false, ChannelKey.group("g1"), "c3", Header.PLAIN)));
            bus.tell(Addresses.MESSAGES_SEND, new SendMessages("me", 3, messages));

            Awaitility.await().until(() -> !answers.isEmpty());
            SendAnswer first = answers.getFirst();
            assertThat(first.number()).isEqualTo(3);
            assertThat(first.place()).isEqualTo(1);
            assertThat(first.sent().messageSeq()).isEqualTo(1);
            assertThat(answers).hasSize(1);
            held.end();
        }
        Awaitility.await().until(() -> answers.size() == 3);
        assertThat(answers)
                .extracting(answer -> answer.place() + " " + answer.sent().reason())
                .containsExactly("1 SUCCESS", "0 SUCCESS", "2 NOT_MEMBER");
    }

    @Test
    void a_ban_that_is_committed_while_a_message_waits_for_it_refuses_the_message() {
        send(Messages.group("u1", "g1", "c1"));
        try (Blocked ban =
                Blocked.by(pg, "update channel set ban = true, revision = 2 where channel_id = 'g1' returning pk")) {
            Future<MessageSent> refused = bus.request(Addresses.MESSAGE_SEND, Messages.group("u1", "g1", "c2"));
            ban.awaitWaiting(1, refused);
            ban.end();

            assertThat(Sql.await(refused).reason()).isEqualTo(Reason.BAN);
        }
        assertThat(longs("select seq from message")).containsExactly(1L);
    }

    private void list(String channel, boolean allowed, String uid, int revision) {
        sql.run("insert into listed (channel, allowed, uid) select pk, %s, '%s' from channel where channel_id = '%s'"
                .formatted(allowed, uid, channel));
        sql.run("update channel set revision = %d where channel_id = '%s'".formatted(revision, channel));
    }

    private Bus nodeOf(Vertx other) {
        Bus otherBus = new Bus(other);
        Sql.await(other.deployVerticle(
                new MessageVerticle(ConfigLoader.load(Map.of()), otherBus, PgClients.open(other, url, 8))));
        return otherBus;
    }

    private Set<Long> pushedIds() {
        return pushes.stream().map(push -> push.delivery().messageId()).collect(Collectors.toSet());
    }

    private void killBackends() {
        Vertx killer = Vertx.vertx();
        Sql.await(PgClients.open(killer, url, 2)
                .statements()
                .query("select pg_terminate_backend(pid) from pg_stat_activity"
                        + " where datname = current_database() and pid <> pg_backend_pid()")
                .execute());
        Sql.await(killer.close());
    }

    private MessageSent send(SendMessage message) {
        return Sql.await(bus.request(Addresses.MESSAGE_SEND, message));
    }

    private List<MessageSent> sendAll(List<SendMessage> messages) {
        List<Future<MessageSent>> answers = messages.stream()
                .map(message -> bus.request(Addresses.MESSAGE_SEND, message))
                .toList();
        Sql.await(Future.all(answers));
        return answers.stream().map(Future::result).toList();
    }

    private List<Long> longs(String query) {
        return sql.rows(query).stream().map(Long::valueOf).toList();
    }
}
