package dev.herald.bench.scenario;

import dev.herald.bench.World;
import dev.herald.bench.measure.Counter;
import dev.herald.bench.measure.Latency;
import dev.herald.bench.measure.Result;
import dev.herald.bench.net.Client;
import dev.herald.model.ChannelKey;
import dev.herald.wire.Frame;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * Commands of a back end to users: calls for them, times each until the last of its receivers has it, and checks that each
 * of them has it once, and never behind one with a later sequence of its channel, nor behind one that was called for when
 * this one's call had been answered already.
 */
final class CommandTraffic implements Client.Listener {
    private static final String PAYLOAD = Base64.getEncoder()
            .encodeToString("{\"type\":99,\"cmd\":\"channelUpdate\"}".getBytes(StandardCharsets.UTF_8));

    private final World world;
    private final Result result;
    private final Client.Listener acknowledging;
    private final Map<String, Sent> sent = new HashMap<>();
    private final Latency latency = new Latency();
    private long expected;
    private long received;
    private long behind;
    private long again;

    CommandTraffic(World world, Result result) {
        this.world = world;
        this.result = result;
        this.acknowledging = Crowd.acknowledging(result);
    }

    static final class Sent {
        private final String name;
        private final int number;
        private final long due;
        private final long calledAt = System.nanoTime();
        private long answeredAt = Long.MAX_VALUE;
        private int waiting;

        Sent(String name, int number, long due, int receivers) {
            this.name = name;
            this.number = number;
            this.due = due;
            this.waiting = receivers;
        }

        String name() {
            return name;
        }

        void answered() {
            answeredAt = System.nanoTime();
        }
    }

    /** What one client has. */
    private static final class Inbox {
        private final BitSet numbers = new BitSet();
        private final Map<ChannelKey, Long> lastSeqs = new HashMap<>(2);
        private long lastCalledAt = Long.MIN_VALUE;
    }

    /** For those who receive this. */
    Crowd crowd() {
        return new Crowd(world, result, this);
    }

    Latency latency() {
        return latency;
    }

    /** Commands that have come to a client, each as often as it has receivers. */
    Counter counter() {
        return new Counter("command", () -> received);
    }

    /**
     * Calls for one; called on the driver's thread.
     *
     * @param to the fields that say to whom
     * @param receivers of those who are or will be online
     * @param due when it should have been called for
     */
    CompletableFuture<?> send(Map<String, ?> to, int receivers, long due) {
        Sent command = expect(receivers, due);
        Map<String, Object> body = new HashMap<>(to);
        body.put("header", Map.of("sync_once", 1));
        body.put("client_msg_no", command.name);
        body.put("payload", PAYLOAD);
        return world.api().postAsync("/message/send", body).whenComplete((answer, refused) -> {
            command.answered();
            if (refused != null) {
                result.problem("a command was refused: " + refused.getMessage());
            }
        });
    }

    /** One more that is called for now. */
    Sent expect(int receivers, long due) {
        String name = name(sent.size());
        Sent command = new Sent(name, sent.size(), due, receivers);
        sent.put(name, command);
        expected += receivers;
        return command;
    }

    /** The {@code client_msg_no} of a command, by the order of the calls. */
    String name(int number) {
        return world.name("k" + number);
    }

    /** Waits until everything has come that was called for; false if it has not. */
    boolean settle() {
        return world.await(world.loop().call(() -> expected), new Counter("commands received", () -> received));
    }

    /** When everything that is to come has come: writes what came out. */
    void end() {
        world.linger();
        world.loop().run(this::report);
    }

    /** Writes times, and what must be none; on the driver's thread. */
    void report() {
        result.latency("command", latency);
        result.none("commands lost", expected - received);
        result.none("commands behind a later one", behind);
        result.none("commands delivered twice", again);
    }

    @Override
    public void received(Client client, Frame frame) {
        acknowledging.received(client, frame);
        if (frame instanceof Frame.Recv recv) {
            Sent command = sent.get(recv.clientMsgNo());
            if (command == null) {
                result.problem(client.uid() + " got what nobody called for: " + recv.clientMsgNo());
            } else {
                take((Inbox) client.notes().computeIfAbsent(Inbox.class, key -> new Inbox()), recv, command);
            }
        }
    }

    private void take(Inbox inbox, Frame.Recv recv, Sent command) {
        if (inbox.numbers.get(command.number)) {
            again++;
            return;
        }
        inbox.numbers.set(command.number);
        received++;
        long lastSeq = inbox.lastSeqs.merge(recv.channel(), recv.messageSeq(), Math::max);
        if (recv.messageSeq() < lastSeq || command.answeredAt < inbox.lastCalledAt) {
            behind++;
        }
        inbox.lastCalledAt = Math.max(inbox.lastCalledAt, command.calledAt);
        if (--command.waiting == 0) {
            latency.ended(command.due);
        }
    }

    @Override
    public void lost(Client client, String why) {
        acknowledging.lost(client, why);
    }
}
