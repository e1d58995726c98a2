package dev.herald.socket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.herald.bus.Addresses;
import dev.herald.bus.message.MessagingMessage.MessageSent;
import dev.herald.bus.message.MessagingMessage.SendMessage;
import dev.herald.bus.message.SocketMessage.Push;
import dev.herald.bus.message.SocketMessage.PushEvent;
import dev.herald.bus.message.SocketMessage.Pushes;
import dev.herald.model.ChannelKey;
import dev.herald.model.Delivery;
import dev.herald.model.Delivery.Header;
import dev.herald.model.Payload;
import dev.herald.model.Reason;
import dev.herald.socket.send.SessionSends;
import dev.herald.wire.Frame;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.junit5.VertxExtension;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
@Timeout(120)
class MessagesTest {
    private static final int MANY = 200_000;

    /** Seconds until a message is over. */
    private static final long NEVER = 4_000_000_000L;

    @Test
    void hands_a_send_on_as_it_came(Vertx vertx) {
        SocketNode node = new SocketNode(vertx);
        node.peers.onSend = send -> Future.succeededFuture(new MessageSent(Reason.SUCCESS, 1001, 7));
        TestClient client = node.binary(5).login("u1");
        Header header = new Header(true, true, true);
        client.send(new Frame.Send(header, 8, 5, "c5", ChannelKey.group("g1"), 60, "t", Payload.of("{\"type\":1}")));
        Frame.SendAck ack = client.next(1, Frame.SendAck.class);
        assertThat(ack).isEqualTo(new Frame.SendAck(header, 1001, 5, 7, 1));
        long session = node.peers.opened.getFirst().session().id();
        assertThat(node.peers.sends)
                .containsExactly(new SendMessage(
                        "u1",
                        session,
                        false,
                        ChannelKey.group("g1"),
                        "c5",
                        header,
                        8,
                        60,
                        "t",
                        Payload.of("{\"type\":1}")));
    }

    @Test
    void acknowledges_in_the_order_of_the_sends_whatever_the_order_of_the_answers(Vertx vertx) {
        SocketNode node = new SocketNode(vertx);
        List<Promise<MessageSent>> answers = node.peers.holdSends();
        for (TestClient client : List.of(node.binary(5), node.json())) {
            answers.clear();
            client.login("u1");
            for (int i = 1; i <= 20; i++) {
                client.send(TestClient.message(i, "g1", 2));
            }
            client.send(TestClient.message(21, "", 2));
            await().until(() -> answers.size() == 20);
            for (int i = 19; i >= 0; i--) {
                answers.get(i).complete(new MessageSent(Reason.SUCCESS, 100 + i, 1 + i));
            }
            client.next(21, Frame.SendAck.class);
            assertThat(acks(client).stream().map(Frame.SendAck::clientSeq))
                    .containsExactlyElementsOf(
                            LongStream.rangeClosed(1, 21).boxed().toList());
            assertThat(acks(client).getLast().reasonCode()).isEqualTo(Reason.CHANNEL_ID_ERROR.code());
        }
    }

    @Test
    void tells_what_happened_to_a_message_to_those_clients_that_know_such_events(Vertx vertx) {
        SocketNode node = new SocketNode(vertx);
        TestClient binary = node.binary(5).login("u1");
        TestClient json = node.json().login("u1");
        TestClient old = node.binary(4).login("u1");
        TestClient stranger = node.binary(5).login("u2");

        node.bus.publish(Addresses.SOCKETS_EVENT, new PushEvent(Set.of("u1"), "e1", "note", 1_700, "{\"é\":1}"));

        Frame.Event event = new Frame.Event("e1", "note", 1_700, Payload.of("{\"é\":1}"));
        assertThat(binary.next(1, Frame.Event.class)).isEqualTo(event);
        assertThat(json.next(1, Frame.Event.class)).isEqualTo(event);
        for (TestClient other : List.of(old, stranger)) {
            other.send(new Frame.Ping());
            other.next(1, Frame.Pong.class);
        }
    }

    @Test
    void stops_reading_a_client_with_too_many_sends_under_way(Vertx vertx) {
        SocketNode node = new SocketNode(vertx);
        List<Promise<MessageSent>> answers = node.peers.holdSends();
        TestClient client = node.binary(5).login("u1");
        int count = SessionSends.MAX * 3;
        for (int i = 1; i <= count; i++) {
            client.socket.writeBinaryMessage(Buffer.buffer(client.encode(TestClient.message(i, "g1", 2))));
        }
        await().until(() -> answers.size() == SessionSends.MAX);
        await().during(Duration.ofMillis(200)).until(() -> answers.size() == SessionSends.MAX);
        node.peers.onSend = send -> Future.succeededFuture(new MessageSent(Reason.SUCCESS, 1, 1));
        answers.forEach(answer -> answer.complete(new MessageSent(Reason.SUCCESS, 1, 1)));
        await().until(() -> client.received.size() == count + 1);
        assertThat(acks(client).stream().map(Frame.SendAck::clientSeq))
                .isSorted()
                .hasSize(count);
    }

    @Test
    void refuses_what_breaks_the_rules_without_asking(Vertx vertx) {
        SocketNode node = new SocketNode(vertx);
        TestClient client = node.binary(5).login("u1");
        client.send(TestClient.message(1, "", 2));
        client.send(TestClient.message(2, "g".repeat(256), 2));
        client.send(TestClient.message(3, "g\u0000", 2));
        client.send(TestClient.message(4, "g1", 13));
        client.send(TestClient.message(5, "g1", 0));
        client.send(TestClient.message(6, "g1", 2, "c".repeat(256)));
        client.send(TestClient.message(7, "a@b", 1));
        client.next(7, Frame.SendAck.class);
        assertThat(acks(client).stream().map(Frame.SendAck::reasonCode)).containsExactly(16, 16, 16, 23, 23, 9, 16);
        assertThat(node.peers.sends).isEmpty();
    }

    @Test
    void answers_an_unreadable_send_and_goes_on(Vertx vertx) {
        SocketNode node = new SocketNode(vertx);
        TestClient client = node.binary(5).login("u1");
        byte[] bad = client.encode(TestClient.message(9, "g1", 2));
        bad[bad.length - 1] ^= 1;
        client.raw(bad);
        client.send(new Frame.Ping());
        await().until(() -> client.received.size() == 3);
        assertThat(acks(client)).singleElement().satisfies(ack -> {
            assertThat(ack.clientSeq()).isEqualTo(9);
            assertThat(ack.reasonCode()).isEqualTo(Reason.PAYLOAD_DECODE_ERROR.code());
        });
    }

    @Test
    void a_message_without_a_number_gets_one_of_its_own(Vertx vertx) {
        SocketNode node = new SocketNode(vertx);
        TestClient client = node.binary(5).login("u1");
        client.send(TestClient.message(1, "g1", 2, ""));
        client.send(TestClient.message(2, "g1", 2, ""));
        client.next(2, Frame.SendAck.class);
        assertThat(node.peers.sends.stream().map(SendMessage::clientMsgNo))
                .doesNotContain("")
                .doesNotHaveDuplicates();
    }

    @Test
    void a_client_that_pings_and_never_reads_is_not_read_from_either(Vertx vertx) {
        SocketNode node = new SocketNode(vertx, "ws.max-outbox-bytes", "65536");
        TestClient deaf = node.binary(5).login("u1");
        AtomicInteger pongs = countPongs(deaf);
        deaf.socket.pause();
        for (int i = 0; i < 150; i++) {
            deaf.socket.writeBinaryMessage(manyPings());
        }
        await().during(Duration.ofMillis(500)).until(() -> deaf.socket.writeQueueFull());
        deaf.socket.resume();
        await().until(() -> pongs.get() > 5_000);
        assertThat(deaf.isClosed()).isFalse();
        SocketNode.await(node.stop());
    }

    @Test
    void a_flood_of_pings_holds_up_nobody_else(Vertx vertx) {
        SocketNode node = new SocketNode(vertx);
        List<TestClient> neighbours =
                List.of(node.binary(5).login("u2"), node.binary(5).login("u3"));
        TestClient flooding = node.binary(5).login("u1");
        AtomicInteger pongs = countPongs(flooding);
        flooding.socket.writeBinaryMessage(manyPings());
        await().until(() -> pongs.get() > 0);
        for (TestClient neighbour : neighbours) {
            neighbour.send(new Frame.Ping());
            neighbour.next(1, Frame.Pong.class);
        }
        assertThat(pongs.get()).isLessThan(MANY);
        await().until(() -> pongs.get() == MANY);
    }

    @Test
    void refuses_what_comes_faster_than_the_connection_may_send(Vertx vertx) {
        SocketNode node = new SocketNode(vertx, "messages.connection-rate", "5");
        TestClient client = node.json().login("u1");
        TestClient other = node.json().login("u1");
        for (int seq = 1; seq <= 30; seq++) {
            client.send(TestClient.message(seq, "g1", 2));
        }
        client.next(30, Frame.SendAck.class);
        List<Integer> reasons = client.received.stream()
                .filter(Frame.SendAck.class::isInstance)
                .map(ack -> ((Frame.SendAck) ack).reasonCode())
                .toList();
        assertThat(reasons.subList(0, 20)).containsOnly(Reason.SUCCESS.code());
        assertThat(reasons).contains(Reason.RATE_LIMIT.code());
        assertThat(node.metric("herald.sends.limited", "by", "connection"))
                .isEqualTo(reasons.stream()
                        .filter(reason -> reason == Reason.RATE_LIMIT.code())
                        .count());
        other.send(TestClient.message(1, "g1", 2));
        assertThat(other.next(1, Frame.SendAck.class).reasonCode()).isEqualTo(Reason.SUCCESS.code());
    }

    @Test
    void answers_a_ping(Vertx vertx) {
        SocketNode node = new SocketNode(vertx);
        for (TestClient client : List.of(node.binary(2).login("u1"), node.json().login("u1"))) {
            client.send(new Frame.Ping());
            client.next(1, Frame.Pong.class);
        }
    }

    @Test
    void goes_on_after_a_bad_json_request(Vertx vertx) {
        SocketNode node = new SocketNode(vertx);
        TestClient client = node.json().login("u1");
        client.raw("{\"method\":\"dance\",\"id\":\"7\"}".getBytes(StandardCharsets.UTF_8));
        assertThat(client.next(1, Frame.BadRequest.class).requestId()).isEqualTo("7");
        client.send(new Frame.Ping());
        client.next(2, Frame.Pong.class);
    }

    @Test
    void pushes_to_every_session_of_the_users_but_the_one_that_sent(Vertx vertx) {
        SocketNode node = new SocketNode(vertx);
        TestClient sender = node.binary(5).login("u1");
        TestClient other = node.json().login("u1");
        TestClient receiver = node.binary(4).login("u2");
        TestClient stranger = node.binary(2).login("u3");
        long session = node.peers.opened.getFirst().session().id();
        node.bus.publish(
                Addresses.SOCKETS_PUSH, Pushes.of(new Push(Set.of("u1", "u2"), delivery("u1", group()), session)));
        Frame.Recv seen = receiver.next(1, Frame.Recv.class);
        assertThat(seen.fromUid()).isEqualTo("u1");
        assertThat(seen.header().redDot()).isTrue();
        assertThat(other.next(1, Frame.Recv.class).header().redDot()).isFalse();
        assertThat(List.of(sender, stranger)).allSatisfy(client -> {
            client.send(new Frame.Ping());
            client.next(1, Frame.Pong.class);
        });
    }

    @Test
    void shows_a_person_message_under_the_peer(Vertx vertx) {
        SocketNode node = new SocketNode(vertx);
        TestClient receiver = node.binary(5).login("u2");
        TestClient own = node.binary(5).login("u1");
        node.push(delivery("u1", new ChannelKey("u2", 1)), "u1", "u2");
        assertThat(receiver.next(1, Frame.Recv.class).channel().id()).isEqualTo("u1");
        assertThat(own.next(1, Frame.Recv.class).channel().id()).isEqualTo("u2");
        node.push(delivery("____system", new ChannelKey("u2", 1)), "u2");
        Frame.Recv system = receiver.next(2, Frame.Recv.class);
        assertThat(system.fromUid()).isEmpty();
        assertThat(system.channel().id()).isEmpty();
    }

    @Test
    void does_not_push_what_is_over(Vertx vertx) {
        SocketNode node = new SocketNode(vertx);
        TestClient client = node.binary(5).login("u2");
        node.push(delivery("u1", group(), 60), "u2");
        node.push(delivery("u1", group()), "u2");
        assertThat(client.next(1, Frame.Recv.class).expireSeconds()).isEqualTo(NEVER);
    }

    @Test
    void passes_on_every_field_of_a_push(Vertx vertx) {
        SocketNode node = new SocketNode(vertx);
        TestClient client = node.binary(5).login("u2");
        Delivery delivery = delivery("u1", group());
        node.push(delivery, "u2");
        assertThat(client.next(1, Frame.Recv.class))
                .isEqualTo(new Frame.Recv(
                        delivery.header(),
                        false,
                        8,
                        "u1",
                        group(),
                        NEVER,
                        "c1",
                        11,
                        12,
                        1_755_000_000L,
                        "t",
                        delivery.payload()));
    }

    @Test
    void a_client_that_is_silent_gets_it_again_and_one_that_acknowledges_does_not(Vertx vertx) {
        SocketNode node = new SocketNode(vertx, "messages.redelivery-after", "PT0.1S");
        TestClient silent = node.binary(5).login("u1");
        TestClient json = node.json().login("u2");
        TestClient good = node.binary(4).login("u3");
        node.push(delivery("u9", group()), "u1", "u2", "u3");
        good.send(new Frame.RecvAck(good.next(1, Frame.Recv.class).header(), 11, 12));

        await().until(() -> node.metric("herald.messages.unacknowledged") == 2);
        assertThat(silent.received).hasSize(7);
        assertThat(silent.next(1, Frame.Recv.class).dup()).isFalse();
        Frame.Recv again = silent.next(6, Frame.Recv.class);
        assertThat(again).isEqualTo(silent.next(1, Frame.Recv.class).repeated());
        assertThat(again.dup()).isTrue();
        assertThat(json.received).hasSize(7);
        // Its acknowledgement may have come when the first wait was over already.
        assertThat(good.received).hasSizeLessThan(7);
    }

    private static ChannelKey group() {
        return ChannelKey.group("g1");
    }

    private static Delivery delivery(String from, ChannelKey channel) {
        return delivery(from, channel, NEVER);
    }

    private static Delivery delivery(String from, ChannelKey channel, long expireSeconds) {
        Header header = new Header(false, true, false);
        return new Delivery(
                11, 12, from, channel, "c1", header, 8, expireSeconds, "t", 1_755_000_000L, Payload.of("{\"type\":1}"));
    }

    private static Buffer manyPings() {
        byte[] pings = new byte[MANY];
        Arrays.fill(pings, (byte) 0x70);
        return Buffer.buffer(pings);
    }

    /** Counts from now on, and keeps nothing: a list of a million frames would be the slow part. */
    private static AtomicInteger countPongs(TestClient client) {
        AtomicInteger pongs = new AtomicInteger();
        client.socket.frameHandler(frame -> pongs.incrementAndGet());
        return pongs;
    }

    private static List<Frame.SendAck> acks(TestClient client) {
        return client.received.stream()
                .filter(Frame.SendAck.class::isInstance)
                .map(Frame.SendAck.class::cast)
                .toList();
    }
}
