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
import dev.herald.it.Blocked;
import dev.herald.it.Sql;
import dev.herald.it.Stores;
import dev.herald.it.Wire;
import dev.herald.model.ChannelKey;
import dev.herald.model.Delivery.Header;
import dev.herald.model.Reason;
import dev.herald.postgres.PgClients;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What messages of one batch have to do with each other, and what it costs them if a store fails in the middle. */
@Timeout(60)
class BatchCommitIT {
    private final Vertx vertx = Vertx.vertx();
    private final String url = Stores.freshPostgres();
    private final PgClients pg = PgClients.open(vertx, url, 8);
    private final Sql sql = new Sql(pg.statements());
    private final Wire wire = new Wire(Stores.port(url));
    private final Bus bus = new Bus(vertx);
    private final List<Push> pushes = Messages.pushedBy(bus);

    @BeforeEach
    void deploy() {
        String overWire = url.replace(":" + Stores.port(url) + "/", ":" + wire.port() + "/");
        Sql.await(vertx.deployVerticle(
                new MessageVerticle(ConfigLoader.load(Map.of()), bus, PgClients.open(vertx, overWire, 4))));
        Messages.createGroup(sql, "g1", "u1", "u2");
    }

    @AfterEach
    void close() {
        Sql.await(vertx.close());
        wire.close();
    }

    @Test
    void only_what_is_stored_is_the_same_message() {
        Header passing = new Header(true, false, false);
        List<Future<MessageSent>> answers = inOneBatch(
                Messages.with("u1", false, ChannelKey.group("g1"), "same", passing),
                Messages.with("u1", false, ChannelKey.group("g1"), "same", passing),
                Messages.group("u1", "g1", "same"),
                Messages.group("u1", "g1", "same"));

        List<MessageSent> sent = answers.stream().map(Sql::await).toList();
        assertThat(sent.stream().map(MessageSent::messageSeq)).containsExactly(0L, 0L, 2L, 2L);
        assertThat(sent.stream().map(MessageSent::messageId).distinct()).hasSize(3);
        assertThat(sql.rows("select id from message where client_msg_no = 'same'"))
                .containsExactly(Long.toString(sent.getLast().messageId()));
        Awaitility.await().until(() -> numbers().stream().filter("same"::equals).count() == 3);
    }

    @Test
    void what_the_back_end_sends_is_not_refused_as_a_client_was() {
        List<Future<MessageSent>> answers = inOneBatch(
                Messages.group("u3", "g1", "same"),
                Messages.of("u3", true, ChannelKey.group("g1"), "same"),
                Messages.group("u3", "g1", "other"));

        MessageSent trusted = Sql.await(answers.get(1));
        assertThat(trusted.messageSeq()).isEqualTo(2);
        assertThat(Sql.await(answers.getFirst()))
                .as("it is the same message, which is stored")
                .isEqualTo(trusted);
        assertThat(Sql.await(answers.getLast()).reason()).isEqualTo(Reason.NOT_MEMBER);
    }

    @Test
    void what_is_not_stored_is_pushed_once_though_the_store_fails_for_another() {
        wire.swallowAnswersFrom("k(id, type, from_uid, client_msg_no)");
        List<Future<MessageSent>> answers = inOneBatch(
                Messages.with("u1", false, ChannelKey.group("g1"), "typing", new Header(true, false, false)),
                Messages.group("u3", "g1", "refused"));
        Awaitility.await().until(wire::isSwallowing);
        wire.cut();

        assertThat(Sql.await(answers.getFirst()).reason()).isEqualTo(Reason.SUCCESS);
        assertThat(Sql.await(answers.getLast()).reason()).isEqualTo(Reason.NOT_MEMBER);
        Sql.await(bus.request(Addresses.MESSAGE_SEND, Messages.group("u1", "g1", "last")));
        Awaitility.await().until(() -> numbers().contains("last"));
        assertThat(numbers()).containsOnlyOnce("typing");
    }

    @Test
    void a_message_that_fails_is_refused_and_its_neighbour_is_not() {
        List<SendAnswer> answers = new CopyOnWriteArrayList<>();
        bus.hear(Addresses.answersTo("me"), told -> answers.addAll(told.list()));
        List<SendMessage> messages = List.of(Messages.group("u1", "g1", "nul\0"), Messages.group("u1", "g1", "c2"));
        bus.tell(Addresses.MESSAGES_SEND, new SendMessages("me", 1, messages));

        Awaitility.await().until(() -> answers.size() == 2);
        assertThat(answers)
                .extracting(answer -> answer.place() + " " + answer.sent().reason())
                .containsExactlyInAnyOrder("0 SYSTEM_ERROR", "1 SUCCESS");
    }

    private List<String> numbers() {
        return pushes.stream().map(push -> push.delivery().clientMsgNo()).toList();
    }

    /** Behind one of u1 that has to wait. */
    private List<Future<MessageSent>> inOneBatch(SendMessage... messages) {
        try (Blocked held = Blocked.by(pg, "select pk from channel where channel_id = 'g1' for update")) {
            Future<MessageSent> stopped = bus.request(Addresses.MESSAGE_SEND, Messages.group("u1", "g1", "stopped"));
            held.awaitWaiting(1, stopped);
            List<Future<MessageSent>> answers = Stream.of(messages)
                    .map(message -> bus.request(Addresses.MESSAGE_SEND, message))
                    .toList();
            // Once this is answered those have come.
            Sql.await(bus.request(Addresses.MESSAGE_SEND, Messages.in(5, Messages.person("a", "b", "marker"))));
            return answers;
        }
    }
}
