package dev.herald.bench.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.bench.Settings;
import dev.herald.bench.World;
import dev.herald.bench.measure.Result;
import dev.herald.bench.net.Client;
import dev.herald.bench.net.Dialect;
import dev.herald.bench.scenario.CommandTraffic.Sent;
import dev.herald.bench.scenario.Room.Member;
import dev.herald.model.ChannelKey;
import dev.herald.wire.Frame;
import dev.herald.model.Delivery.Header;
import dev.herald.model.Payload;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a server must not do, done to the driver's checks: each of them must see it. */
class ChecksTest {
    private final World world = new World(Settings.parse(List.of("run=checks")), said -> {});
    private final Result result = new Result("checks");

    private final Traffic traffic = new Traffic(world, result);
    private final Client ann = client("ann", traffic);
    private final Client bob = client("bob", traffic);
    private final Member sender = traffic.pair(List.of(ann, bob)).getFirst();

    private final CommandTraffic commands = new CommandTraffic(world, result);
    private final Client carol = client("carol", commands);

    @AfterEach
    void close() {
        world.close();
    }

    @Test
    void messages_that_come_once_and_in_order_are_right() {
        LongStream.rangeClosed(1, 3).forEach(seq -> {
            send();
            acknowledge(seq - 1, seq);
            deliver(seq - 1, seq);
        });
        traffic.report();
        assertThat(result.problems()).isEmpty();
        assertThat(result.figures()).containsKeys("ack p50 ms", "delivery p50 ms");
    }

    @Test
    void a_message_that_comes_twice_is_seen() {
        sendAcknowledged(2);
        deliver(0, 1);
        deliver(0, 1);
        deliver(1, 2);
        traffic.report();
        assertThat(result.problems()).containsExactly("delivered twice: 1");
    }

    @Test
    void messages_that_come_in_another_order_are_seen() {
        sendAcknowledged(2);
        deliver(1, 2);
        deliver(0, 1);
        traffic.report();
        assertThat(result.problems()).containsExactly("behind a later one: 1");
    }

    @Test
    void a_message_that_does_not_come_is_seen() {
        sendAcknowledged(3);
        deliver(0, 1);
        deliver(2, 3);
        traffic.report();
        assertThat(result.problems())
                .containsExactly("1 messages are not acknowledged or not everywhere", "lost: 1");
    }

    @Test
    void messages_that_are_stored_in_another_order_than_they_were_sent_are_seen() {
        send();
        send();
        acknowledge(0, 2);
        acknowledge(1, 1);
        deliver(1, 1);
        deliver(0, 2);
        traffic.report();
        assertThat(result.problems()).containsExactly("stored behind the sender's next: 1");
    }

    @Test
    void commands_that_come_once_and_in_order_are_right() {
        command(call(), 1);
        command(call(), 2);
        commands.report();
        assertThat(result.problems()).isEmpty();
        assertThat(result.figures()).containsKey("command p50 ms");
    }

    @Test
    void a_command_that_comes_twice_is_seen() {
        Sent command = call();
        command(command, 1);
        command(command, 1);
        commands.report();
        assertThat(result.problems()).containsExactly("commands delivered twice: 1");
    }

    @Test
    void commands_that_come_in_another_order_of_their_sequences_are_seen() {
        Sent first = commands.expect(1, System.nanoTime());
        Sent second = commands.expect(1, System.nanoTime());
        command(second, 2);
        command(first, 1);
        commands.report();
        assertThat(result.problems()).containsExactly("commands behind a later one: 1");
    }

    @Test
    void a_command_behind_one_that_was_called_for_when_it_had_been_answered_is_seen() {
        Sent first = call();
        Sent second = call();
        command(second, 1);
        command(first, 2);
        commands.report();
        assertThat(result.problems()).containsExactly("commands behind a later one: 1");
    }

    @Test
    void a_command_that_does_not_come_is_seen() {
        call();
        command(call(), 2);
        commands.report();
        assertThat(result.problems()).containsExactly("commands lost: 1");
    }

    @Test
    void what_the_back_end_is_told_is_held_against_what_is_true() {
        Told told = new Told(List.of("a-b", "c"));
        told.changed("a-b", true);
        assertThat(told.wrong()).containsExactly("a-b");
        told.hear("a-b-0-1-7-1-1");
        told.hear("a-b-0-1-7-1-1");
        told.hear("somebody-0-1-7-1-1");
        assertThat(told.wrong()).isEmpty();
        assertThat(told.events()).isOne();
        told.changed("a-b", false);
        assertThat(told.wrong()).containsExactly("a-b");
        told.hear("a-b-0-0-7-0-0");
        assertThat(told.wrong()).isEmpty();
    }

    @Test
    void a_change_that_nobody_made_is_wrong() {
        Told told = new Told(List.of("a"));
        told.changed("a", true);
        told.hear("a-0-1-7-1-1");
        told.hear("a-0-1-8-1-1");
        assertThat(told.wrong()).containsExactly("a");
    }

    private static Client client(String uid, Client.Listener listener) {
        return new Client(uid, 0, "", Dialect.speakers("json", new Random(1), 1).get(), listener, gone -> {});
    }

    private void send() {
        traffic.send(sender, System.nanoTime());
    }

    private void sendAcknowledged(int count) {
        for (int number = 0; number < count; number++) {
            send();
            acknowledge(number, number + 1);
        }
    }

    private void acknowledge(long number, long seq) {
        traffic.received(ann, new Frame.SendAck(Header.PLAIN, seq, number, seq, 1));
    }

    private void deliver(long number, long seq) {
        traffic.received(bob, recv(world.name(Long.toString(number, 36)), new ChannelKey("ann", ChannelKey.PERSON), seq));
    }

    private Sent call() {
        Sent command = commands.expect(1, System.nanoTime());
        command.answered();
        return command;
    }

    private void command(Sent command, long seq) {
        commands.received(carol, recv(command.name(), ChannelKey.group("commands"), seq));
    }

    private static Frame recv(String name, ChannelKey channel, long seq) {
        return new Frame.Recv(
                Header.PLAIN, false, 0, channel.id(), channel, 0, name, seq, seq, 0, "", Payload.EMPTY);
    }
}
