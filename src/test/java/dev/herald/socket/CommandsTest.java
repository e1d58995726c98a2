package dev.herald.socket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.herald.bus.Addresses;
import dev.herald.bus.message.InboxMessage.Ack;
import dev.herald.bus.message.InboxMessage.Entry;
import dev.herald.bus.message.SocketMessage.Place;
import dev.herald.bus.message.SocketMessage.Wake;
import dev.herald.model.Delivery.Header;
import dev.herald.model.Payload;
import dev.herald.socket.delivery.FakeInbox;
import dev.herald.wire.Frame;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(VertxExtension.class)
@Timeout(120)
class CommandsTest {

    @Test
    void replays_what_was_missed_before_what_is_live(Vertx vertx) {
        SocketNode node = new SocketNode(vertx);
        for (int seq = 1; seq <= 200; seq++) {
            node.peers.append(seq);
        }
        node.peers.cursor = 50;
        for (TestClient client : List.of(node.binary(2).login("u1"), node.json().login("u1"))) {
            for (int i = 1; i <= 150; i++) {
                Frame.Recv recv = client.next(i, Frame.Recv.class);
                assertThat(recv.messageSeq()).isEqualTo(50 + i);
                assertThat(recv.messageId()).isEqualTo(1050 + i);
                assertThat(recv.header()).isEqualTo(Header.COMMAND);
                client.send(new Frame.RecvAck(recv.header(), recv.messageId(), recv.messageSeq()));
                if (i == 10) {
                    wake(node, new Entry(200, FakeInbox.command(1200)));
                }
            }
            client.send(new Frame.Ping());
            client.next(151, Frame.Pong.class);
        }
    }

    @Test
    void tells_a_new_device_to_fetch_everything_before_its_first_command(Vertx vertx) {
        SocketNode node = new SocketNode(vertx);
        node.peers.append(8);
        node.peers.cursor = 7;
        node.peers.fresh = true;
        for (TestClient client : List.of(node.binary(2).login("u1"), node.json().login("u1"))) {
            Frame.Recv resync = client.next(1, Frame.Recv.class);
            assertThat(resync.header()).isEqualTo(new Header(true, false, true));
            assertThat(resync.payload().text())
                    .isEqualTo("{\"type\":99,\"cmd\":\"resync\",\"param\":{\"reason\":\"new_device\"}}");
            assertThat(List.of(resync.messageId(), resync.messageSeq())).containsOnly(0L);
            client.send(new Frame.RecvAck(resync.header(), 0, 0));
            assertThat(client.next(2, Frame.Recv.class).messageSeq()).isEqualTo(8);
        }
        await().untilAsserted(
                        () -> assertThat(node.peers.acks).extracting(Ack::seq).containsExactly(7L, 7L));
    }

    @Test
    void sends_a_live_command_at_once_and_acknowledges_it_for_this_device(Vertx vertx) {
        SocketNode node = new SocketNode(vertx);
        TestClient client = node.binary(5).login("u1");
        wake(node, node.peers.append(1));
        Frame.Recv recv = client.next(1, Frame.Recv.class);
        client.send(new Frame.RecvAck(recv.header(), recv.messageId(), recv.messageSeq()));
        await().untilAsserted(
                        () -> assertThat(node.peers.acks).containsExactly(new Ack("u1", OptionalInt.of(1), 1, false)));
    }

    @Test
    void waits_for_acknowledgements_at_the_end_of_the_window(Vertx vertx) {
        SocketNode node = new SocketNode(vertx, "commands.window", "4");
        LongStream.rangeClosed(1, 10).forEach(node.peers::append);
        TestClient client = node.binary(5).login("u1");
        client.next(4, Frame.Recv.class);
        await().during(Duration.ofMillis(300)).until(() -> client.received.size() == 5);
        client.send(new Frame.RecvAck(Header.COMMAND, 1001, 1));
        assertThat(client.next(5, Frame.Recv.class).messageSeq()).isEqualTo(5);
    }

    @Test
    void sends_again_to_a_client_that_acknowledges_nothing(Vertx vertx) {
        SocketNode node = new SocketNode(vertx, "commands.window", "4", "commands.redelivery-after", "PT0.2S");
        LongStream.rangeClosed(1, 10).forEach(node.peers::append);
        for (TestClient client : List.of(node.binary(2).login("u1"), node.json().login("u1"))) {
            for (int i = 0; i < 12; i++) {
                Frame.Recv recv = client.next(1 + i, Frame.Recv.class);
                assertThat(recv.messageSeq()).isEqualTo(1 + i % 4);
                assertThat(recv.messageId()).isEqualTo(1001 + i % 4);
                assertThat(recv.dup()).isEqualTo(i >= 4);
                assertThat(recv.header()).isEqualTo(Header.COMMAND);
            }
            client.send(new Frame.RecvAck(Header.COMMAND, 1001, 1));
            client.send(new Frame.RecvAck(Header.COMMAND, 1001, 1));
            await().until(() -> commands(client).contains(5L));
            assertThat(commands(client)).doesNotContain(6L);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_reader_that_is_too_slow_is_closed_and_loses_no_command(boolean binary, Vertx vertx) {
        SocketNode node = new SocketNode(vertx, "ws.max-outbox-bytes", "300000", "commands.window", "20");
        Payload large = Payload.of("x".repeat(20_000));
        LongStream.rangeClosed(1, 200)
                .forEach(seq -> node.peers.append(new Entry(seq, FakeInbox.command(1000 + seq, large))));
        TestClient slow = (binary ? node.binary(5) : node.json()).login("u1");
        acknowledge(slow, 30);
        await().until(() -> node.peers.acks.getLast().seq() == 30);

        slow.socket.pause();
        await().pollInterval(Duration.ofMillis(5)).until(() -> {
            node.push("u1", 100_000);
            return !node.peers.ended.isEmpty();
        });
        slow.socket.resume();
        slow.closeCode();

        node.peers.cursor = node.peers.acks.getLast().seq();
        TestClient back = (binary ? node.binary(5) : node.json()).login("u1");
        acknowledge(back, 170);
        assertThat(commands(slow)).startsWith(1L, 2L, 3L).isSorted();
        assertThat(commands(back))
                .containsExactlyElementsOf(
                        LongStream.rangeClosed(31, 200).boxed().toList());
    }

    @Test
    void finds_a_command_whose_wake_was_lost(Vertx vertx) {
        SocketNode node = new SocketNode(vertx, "ws.idle-timeout", "PT2S");
        TestClient client = node.binary(5).login("u1");
        node.peers.append(1);
        assertThat(client.next(1, Frame.Recv.class).messageSeq()).isEqualTo(1);
    }

    @Test
    void replays_commands_that_are_larger_than_the_outbox(Vertx vertx) {
        SocketNode node = new SocketNode(vertx, "ws.max-outbox-bytes", "150");
        LongStream.rangeClosed(1, 30).forEach(node.peers::append);
        TestClient client = node.binary(5).login("u1");
        assertThat(client.next(30, Frame.Recv.class).messageSeq()).isEqualTo(30);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_reader_of_large_commands_is_waited_for(boolean binary, Vertx vertx) {
        SocketNode node = new SocketNode(vertx, "ws.max-outbox-bytes", "1000000", "commands.window", "50");
        LongStream.rangeClosed(1, 40)
                .forEach(seq -> node.peers.append(new Entry(
                        seq, FakeInbox.command(1000 + seq, Payload.of("x".repeat(seq % 2 == 0 ? 550_000 : 250_000))))));
        TestClient slow = (binary ? node.binary(5) : node.json()).login("u1");
        slow.socket.pause();
        // Until what the system takes for the client is full.
        await().during(Duration.ofMillis(500)).until(() -> node.peers.ended.isEmpty());
        slow.socket.resume();

        assertThat(slow.next(40, Frame.Recv.class).messageSeq()).isEqualTo(40);
        assertThat(commands(slow))
                .containsExactlyElementsOf(LongStream.rangeClosed(1, 40).boxed().toList());
        assertThat(node.peers.ended).isEmpty();
    }

    /** Acknowledges the first commands, each when it comes. */
    private static void acknowledge(TestClient client, int count) {
        for (int i = 1; i <= count; i++) {
            Frame.Recv recv = client.next(i, Frame.Recv.class);
            client.send(new Frame.RecvAck(recv.header(), recv.messageId(), recv.messageSeq()));
        }
    }

    private static List<Long> commands(TestClient client) {
        return client.received.stream()
                .filter(frame ->
                        frame instanceof Frame.Recv recv && recv.header().syncOnce())
                .map(frame -> ((Frame.Recv) frame).messageSeq())
                .toList();
    }

    private static void wake(SocketNode node, Entry entry) {
        node.bus.publish(Addresses.SOCKETS_WAKE, new Wake(entry.command(), List.of(new Place("u1", entry.seq()))));
    }
}
