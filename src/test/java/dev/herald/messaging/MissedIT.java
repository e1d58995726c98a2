package dev.herald.messaging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.message.Done;
import dev.herald.bus.message.MessagingMessage.MessageSent;
import dev.herald.bus.message.PresenceMessage.Routes;
import dev.herald.bus.message.SocketMessage.Absent;
import dev.herald.config.ConfigLoader;
import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import dev.herald.it.Nodes;
import dev.herald.it.Sql;
import dev.herald.it.Stores;
import dev.herald.it.Wire;
import dev.herald.model.Reason;
import dev.herald.postgres.PgClients;
import io.micrometer.core.instrument.Metrics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two nodes, one of which loses its way to PostgreSQL: what was committed reaches both without a further message. */
@Timeout(120)
class MissedIT {
    private static final Duration PATIENCE = Duration.ofSeconds(40);

    private static final Nodes NODES = Nodes.start(2);
    private static final String URL = Stores.freshPostgresApart();
    private static final Sql SQL =
            new Sql(PgClients.open(NODES.vertx(1), URL, 2).statements());
    private static final Wire WIRE = new Wire(Stores.port(URL));
    private static final SimpleMeterRegistry METERS = new SimpleMeterRegistry();
    private static final List<List<String>> PUSHED =
            List.of(new CopyOnWriteArrayList<>(), new CopyOnWriteArrayList<>());

    @BeforeAll
    static void start() {
        Metrics.addRegistry(METERS);
        node(1, URL);
        node(2, URL.replace(":" + Stores.port(URL) + "/", ":" + WIRE.port() + "/"));
        Messages.createGroup(SQL, "g1", "u1", "u2");
    }

    private static void node(int node, String url) {
        Bus bus = NODES.bus(node);
        bus.serve(Addresses.SOCKETS_PUSH, pushes -> {
            pushes.list().forEach(push -> PUSHED.get(node - 1)
                    .add(push.delivery().messageSeq() + " " + push.delivery().clientMsgNo()));
            return Future.succeededFuture(Done.DONE);
        });
        bus.serve(Addresses.SOCKETS_ABSENT, asked -> Future.succeededFuture(new Absent(Set.of())));
        bus.serve(Addresses.SESSION_ROUTES, asked -> Future.succeededFuture(new Routes(Map.of())));
        PgClients pg = PgClients.open(NODES.vertx(node), url, 4);
        Sql.await(NODES.vertx(node).deployVerticle(new MessageVerticle(ConfigLoader.load(Map.of()), bus, pg)));
    }

    @AfterAll
    static void close() {
        Metrics.removeRegistry(METERS);
        NODES.close();
        WIRE.close();
    }

    @BeforeEach
    void begin() {
        WIRE.mend();
        PUSHED.forEach(List::clear);
    }

    @Test
    void what_came_while_the_members_could_not_be_read_is_pushed_once_they_can_be() {
        send(1, "before");
        await().atMost(PATIENCE).until(() -> PUSHED.stream().allMatch(here -> here.size() == 1));
        double undelivered = undelivered();
        WIRE.refuse();
        SQL.run("insert into member (channel, uid, since) select pk, 'u3', revision + 1 from channel");
        SQL.run("update channel set revision = revision + 1");
        long seq = send(1, "during").messageSeq();
        await().atMost(PATIENCE).until(() -> undelivered() > undelivered);
        WIRE.mend();

        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(PUSHED.getLast()).hasSize(2).endsWith(seq + " during"));
    }

    @Test
    void what_was_given_up_and_is_stored_all_the_same_is_pushed_everywhere() {
        send(2, "known");
        WIRE.swallowAnswersFrom("given-up");
        Future<MessageSent> given =
                NODES.bus(2).request(Addresses.MESSAGE_SEND, Messages.group("u1", "g1", "given-up"));
        await().atMost(PATIENCE).until(() -> stored("given-up").size() == 1);
        WIRE.refuse();

        assertThatThrownBy(() -> Sql.await(given))
                .isInstanceOfSatisfying(HeraldException.class, refused -> assertThat(refused.failure())
                        .as("it may be done or not")
                        .isEqualTo(Failure.TIMEOUT));
        WIRE.mend();
        String pushed = stored("given-up").getFirst() + " given-up";
        for (List<String> here : PUSHED) {
            await().atMost(PATIENCE).until(() -> here.contains(pushed));
        }
        MessageSent again = send(2, "given-up");
        assertThat(again.messageSeq() + " given-up").isEqualTo(pushed);
        send(2, "last");
        for (List<String> here : PUSHED) {
            await().atMost(PATIENCE).until(() -> here.getLast().endsWith("last"));
            assertThat(here).as("in order, each once").hasSize(3).element(1).isEqualTo(pushed);
        }
    }

    private static MessageSent send(int node, String number) {
        MessageSent sent =
                Sql.await(NODES.bus(node).request(Addresses.MESSAGE_SEND, Messages.group("u1", "g1", number)));
        assertThat(sent.reason()).isEqualTo(Reason.SUCCESS);
        return sent;
    }

    private static List<String> stored(String number) {
        return SQL.rows("select seq from message where client_msg_no = $1", number);
    }

    private static double undelivered() {
        return METERS.counter("herald.messages.undelivered").count();
    }
}
