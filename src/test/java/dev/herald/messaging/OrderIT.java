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
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Three nodes on one log, two of which write to the same channels: what the sockets of each are given, and in what order. */
@Timeout(90)
@TestMethodOrder(OrderAnnotation.class)
class OrderIT {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int EACH = 400;

    @RegisterExtension
    static final Nodes NODES = Nodes.of(3);

    private static final List<List<Delivery>> PUSHED = Stream.generate(
                    () -> (List<Delivery>) new CopyOnWriteArrayList<Delivery>())
            .limit(3)
            .toList();

    private static Sql sql;
    private static int groups;

    private String group = "";

    @BeforeAll
    static void start() {
        String url = Stores.freshPostgres();
        sql = new Sql(PgClients.open(NODES.vertx(1), url, 2).statements());
        for (int node = 1; node <= 3; node++) {
            List<Delivery> here = PUSHED.get(node - 1);
            Bus bus = NODES.bus(node);
            bus.serve(Addresses.SOCKETS_PUSH, pushes -> {
                pushes.list().stream().map(Push::delivery).forEach(here::add);
                return Future.succeededFuture(Done.DONE);
            });
            bus.serve(Addresses.SOCKETS_ABSENT, asked -> Future.succeededFuture(new Absent(Set.of())));
            bus.serve(
                    Addresses.SESSION_ROUTES,
                    asked -> Future.succeededFuture(
                            new Routes(Map.of("u1", Set.of(1L, 2L, 3L), "u2", Set.of(1L, 2L, 3L)))));
            PgClients pg = PgClients.open(NODES.vertx(node), url, 4);
            Sql.await(NODES.vertx(node).deployVerticle(new MessageVerticle(ConfigLoader.load(Map.of()), bus, pg)));
        }
    }

    @BeforeEach
    void begin() {
        PUSHED.forEach(List::clear);
        group = "g" + ++groups;
        Messages.createGroup(sql, group, "u1", "u2");
    }

    @Test
    void every_node_gives_every_message_once_in_sequence_whoever_wrote_it() {
        write("c");

        for (List<Delivery> here : PUSHED) {
            await().atMost(PATIENCE).until(() -> here.size() == 4 * EACH);
            assertThat(seqs(here, ChannelKey.GROUP)).isEqualTo(dense(2 * EACH));
            assertThat(seqs(here, ChannelKey.PERSON)).isEqualTo(dense(2 * EACH));
        }
    }

    @Test
    void what_nobody_was_told_is_read_from_the_log() {
        send(1, Messages.group("u1", group, "first"));
        storeSilently(300);
        send(2, Messages.group("u2", group, "next"));

        assertAllHave(302);
    }

    @Test
    void a_node_that_hears_of_a_channel_for_the_first_time_reads_what_was_under_way() {
        storeSilently(900);
        send(2, Messages.group("u2", group, "next"));

        assertAllHave(901);
    }

    @Test
    void a_resend_over_another_node_is_not_given_twice_and_one_that_was_not_told_is_given() {
        send(1, Messages.group("u1", group, "one"));
        assertThat(send(2, Messages.group("u1", group, "one")).messageSeq()).isEqualTo(1);
        storeSilently(1);
        assertThat(send(2, Messages.group("u2", group, "silent-2")).messageSeq())
                .isEqualTo(2);
        send(1, Messages.group("u1", group, "three"));

        assertAllHave(3);
    }

    @Test
    void what_is_not_stored_stays_behind_what_its_sender_stored_before() {
        List<Future<MessageSent>> answers = new ArrayList<>();
        for (int i = 0; i < EACH; i++) {
            boolean passes = i % 2 == 1;
            answers.add(NODES.bus(1)
                    .request(
                            Addresses.MESSAGE_SEND,
                            Messages.with(
                                    "u1",
                                    false,
                                    ChannelKey.group(group),
                                    "c" + i,
                                    new Delivery.Header(passes, false, false))));
            answers.add(NODES.bus(2).request(Addresses.MESSAGE_SEND, Messages.group("u2", group, "d" + i)));
        }
        Sql.await(Future.all(answers));

        for (List<Delivery> here : PUSHED) {
            await().atMost(PATIENCE).until(() -> here.size() == 2 * EACH);
            List<String> numbers = here.stream().map(Delivery::clientMsgNo).toList();
            for (int i = 1; i < EACH; i += 2) {
                assertThat(numbers).containsSubsequence("c" + (i - 1), "c" + i);
            }
            assertThat(seqs(here, ChannelKey.GROUP).stream().filter(seq -> seq > 0))
                    .isEqualTo(dense(EACH / 2 + EACH));
        }
    }

    /** The last: it takes a node away. */
    @Test
    @Order(Integer.MAX_VALUE)
    void what_a_node_did_not_tell_before_it_died_is_found_without_a_further_message() {
        send(1, Messages.group("u1", group, "first"));
        storeSilently(3);
        NODES.cutOff(3);

        for (List<Delivery> here : PUSHED.subList(0, 2)) {
            await().atMost(PATIENCE).until(() -> here.size() == 4);
            assertThat(seqs(here, ChannelKey.GROUP)).isEqualTo(dense(4));
        }
    }

    private void write(String prefix) {
        List<Future<MessageSent>> answers = new ArrayList<>();
        for (int i = 0; i < EACH; i++) {
            for (int node = 1; node <= 2; node++) {
                String number = prefix + node + "-" + i;
                answers.add(NODES.bus(node).request(Addresses.MESSAGE_SEND, Messages.group("u" + node, group, number)));
                answers.add(NODES.bus(node)
                        .request(Addresses.MESSAGE_SEND, Messages.person("u" + node, "u" + (3 - node), number)));
            }
        }
        Sql.await(Future.all(answers));
    }

    private MessageSent send(int node, SendMessage message) {
        return Sql.await(NODES.bus(node).request(Addresses.MESSAGE_SEND, message));
    }

    /** As if a node had stored these of u2 and died before it told of them. */
    private void storeSilently(int count) {
        sql.run("""
                insert into message (channel, seq, from_uid, client_msg_no, flags, setting, expire, topic, payload)
                select pk, last_seq + n, 'u2', 'silent-' || last_seq + n, 0, 0, 0, '', '{}'
                from channel, generate_series(1, %d) n where channel_id = '%s'""".formatted(count, group));
        sql.run("update channel set last_seq = last_seq + %d, last_at = now() where channel_id = '%s'"
                .formatted(count, group));
    }

    private static void assertAllHave(int count) {
        for (List<Delivery> here : PUSHED) {
            await().atMost(PATIENCE).until(() -> here.size() >= count);
            assertThat(seqs(here, ChannelKey.GROUP)).isEqualTo(dense(count));
        }
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
