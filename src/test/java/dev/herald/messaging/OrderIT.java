package dev.herald.messaging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.message.Done;
import dev.herald.bus.message.MessagingMessage.MessageSent;
import dev.herald.bus.message.MessagingMessage.SendMessage;
import dev.herald.bus.message.PresenceMessage.Routes;
import dev.herald.bus.message.SocketMessage.Absent;
import dev.herald.bus.message.SocketMessage.Push;
import dev.herald.config.ConfigLoader;
import dev.herald.it.Nodes;
import dev.herald.it.Sql;
import dev.herald.it.Stores;
import dev.herald.model.ChannelKey;
import dev.herald.model.Delivery;
import dev.herald.postgres.PgClients;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Three nodes on one log, two of which write to the same channels: what the sockets of each are given, and in what order. */
@Timeout(90)
class OrderIT {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int EACH = 400;

    private final Nodes nodes = Nodes.start(3);
    private final String url = Stores.freshPostgres();
    private final Sql sql = new Sql(PgClients.open(nodes.vertx(1), url, 2).statements());
    private final List<List<Delivery>> pushed = Stream.generate(
                    () -> (List<Delivery>) new CopyOnWriteArrayList<Delivery>())
            .limit(3)
            .toList();

    @BeforeEach
    void start() {
        sql.run("insert into channel (channel_id, channel_type, revision) values ('g1', 2, 1)");
        sql.run("insert into member (channel, uid, since) select pk, u, 1 from channel, unnest(array['u1','u2']) u");
        for (int node = 1; node <= 3; node++) {
            List<Delivery> here = pushed.get(node - 1);
            Bus bus = nodes.bus(node);
            bus.serve(Addresses.SOCKETS_PUSH, pushes -> {
                pushes.list().stream().map(Push::delivery).forEach(here::add);
                return Future.succeededFuture(Done.DONE);
            });
            bus.serve(Addresses.SOCKETS_ABSENT, asked -> Future.succeededFuture(new Absent(Set.of())));
            bus.serve(
                    Addresses.SESSION_ROUTES,
                    asked -> Future.succeededFuture(
                            new Routes(Map.of("u1", Set.of(1L, 2L, 3L), "u2", Set.of(1L, 2L, 3L)))));
        }
        deploy(1);
        deploy(2);
    }

    @AfterEach
    void close() {
        nodes.close();
    }

    @Test
    void every_node_gives_every_message_once_in_sequence_whoever_wrote_it() {
        deploy(3);
        write("c");

        for (List<Delivery> here : pushed) {
            await().atMost(PATIENCE).until(() -> here.size() == 4 * EACH);
            assertThat(seqs(here, ChannelKey.GROUP)).isEqualTo(dense(2 * EACH));
            assertThat(seqs(here, ChannelKey.PERSON)).isEqualTo(dense(2 * EACH));
        }
    }

    /** The third node joins when most of it is over, as one does whose bus was cut. */
    @Test
    void what_a_node_was_not_told_it_reads_from_the_log() {
        MessageSent first = send(1, Messages.group("u1", "g1", "first"));
        deploy(3);
        MessageSent heard = send(1, Messages.group("u1", "g1", "heard"));
        await().atMost(PATIENCE).until(() -> !pushed.get(2).isEmpty());
        // As if a node had stored these and died before it told of them.
        sql.run("insert into message (channel, seq, from_uid, client_msg_no, flags, setting, expire, topic, payload)"
                + " select pk, last_seq + n, 'u2', 'dead-' || n, 0, 0, 0, '', '{}' from channel, generate_series(1, 300) n"
                + " where channel_id = 'g1'");
        sql.run("update channel set last_seq = last_seq + 300 where channel_id = 'g1'");
        send(2, Messages.group("u2", "g1", "next"));

        await().atMost(PATIENCE).until(() -> pushed.get(2).size() >= 303);
        assertThat(first.messageSeq()).isEqualTo(1);
        assertThat(heard.messageSeq()).isEqualTo(2);
        for (List<Delivery> here : pushed) {
            await().atMost(PATIENCE).until(() -> here.size() == 303);
            assertThat(seqs(here, ChannelKey.GROUP)).isEqualTo(dense(303));
        }
    }

    @Test
    void a_node_that_hears_of_a_channel_for_the_first_time_reads_what_was_under_way() {
        sql.run("insert into message (channel, seq, from_uid, client_msg_no, flags, setting, expire, topic, payload)"
                + " select pk, n, 'u2', 'dead-' || n, 0, 0, 0, '', '{}' from channel, generate_series(1, 900) n"
                + " where channel_id = 'g1'");
        sql.run("update channel set last_seq = 900, last_at = now() where channel_id = 'g1'");
        deploy(3);
        send(2, Messages.group("u2", "g1", "next"));

        for (List<Delivery> here : pushed) {
            await().atMost(PATIENCE).until(() -> here.size() == 901);
            assertThat(seqs(here, ChannelKey.GROUP)).isEqualTo(dense(901));
        }
    }

    @Test
    void a_resend_over_another_node_is_not_given_twice_and_one_that_was_not_told_is_given() {
        deploy(3);
        send(1, Messages.group("u1", "g1", "one"));
        assertThat(send(2, Messages.group("u1", "g1", "one")).messageSeq()).isEqualTo(1);
        sql.run("insert into message (channel, seq, from_uid, client_msg_no, flags, setting, expire, topic, payload)"
                + " select pk, 2, 'u1', 'two', 0, 0, 0, '', '{}' from channel where channel_id = 'g1'");
        sql.run("update channel set last_seq = 2 where channel_id = 'g1'");
        assertThat(send(2, Messages.group("u1", "g1", "two")).messageSeq()).isEqualTo(2);
        send(1, Messages.group("u1", "g1", "three"));

        for (List<Delivery> here : pushed) {
            await().atMost(PATIENCE).until(() -> here.size() == 3);
            assertThat(seqs(here, ChannelKey.GROUP)).isEqualTo(dense(3));
        }
    }

    @Test
    void what_is_not_stored_stays_behind_what_its_sender_stored_before() {
        deploy(3);
        List<Future<MessageSent>> answers = new ArrayList<>();
        for (int i = 0; i < EACH; i++) {
            boolean passes = i % 2 == 1;
            answers.add(nodes.bus(1)
                    .request(
                            Addresses.MESSAGE_SEND,
                            Messages.with(
                                    "u1",
                                    false,
                                    ChannelKey.group("g1"),
                                    "c" + i,
                                    new Delivery.Header(passes, false, false))));
            answers.add(nodes.bus(2).request(Addresses.MESSAGE_SEND, Messages.group("u2", "g1", "d" + i)));
        }
        Sql.await(Future.all(answers));

        for (List<Delivery> here : pushed) {
            await().atMost(PATIENCE).until(() -> here.size() == 2 * EACH);
            List<String> numbers = here.stream().map(Delivery::clientMsgNo).toList();
            for (int i = 1; i < EACH; i += 2) {
                assertThat(numbers).containsSubsequence("c" + (i - 1), "c" + i);
            }
            assertThat(seqs(here, ChannelKey.GROUP).stream().filter(seq -> seq > 0))
                    .isEqualTo(dense(EACH / 2 + EACH));
        }
    }

    private void write(String prefix) {
        List<Future<MessageSent>> answers = new ArrayList<>();
        for (int i = 0; i < EACH; i++) {
            for (int node = 1; node <= 2; node++) {
                String number = prefix + node + "-" + i;
                answers.add(nodes.bus(node).request(Addresses.MESSAGE_SEND, Messages.group("u" + node, "g1", number)));
                answers.add(nodes.bus(node)
                        .request(Addresses.MESSAGE_SEND, Messages.person("u" + node, "u" + (3 - node), number)));
            }
        }
        Sql.await(Future.all(answers));
    }

    private MessageSent send(int node, SendMessage message) {
        return Sql.await(nodes.bus(node).request(Addresses.MESSAGE_SEND, message));
    }

    private void deploy(int node) {
        PgClients pg = PgClients.open(nodes.vertx(node), url, 4);
        Sql.await(nodes.vertx(node)
                .deployVerticle(new MessageVerticle(ConfigLoader.load(Map.of()), nodes.bus(node), pg)));
    }

    private static List<Long> seqs(List<Delivery> deliveries, int type) {
        return deliveries.stream()
                .filter(delivery -> delivery.channel().type() == type)
                .map(Delivery::messageSeq)
                .toList();
    }

    private static List<Long> dense(int count) {
        return LongStream.rangeClosed(1, count).boxed().toList();
    }
}
