package dev.herald.bench.scenario;

import dev.herald.bench.World;
import dev.herald.bench.measure.Counter;
import dev.herald.bench.measure.Latency;
import dev.herald.bench.measure.Result;
import dev.herald.bench.net.Client;
import dev.herald.bench.scenario.Room.Member;
import dev.herald.model.Delivery.Header;
import dev.herald.model.Payload;
import dev.herald.model.Reason;
import dev.herald.wire.Frame;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ObjLongConsumer;
import java.util.stream.Stream;

/** Messages among clients: sends, times and counts them, and checks that each arrives once, in order and everywhere. */
final class Traffic implements Client.Listener {
    private final World world;
    private final Result result;
    private final boolean recvAcks;
    private final Payload payload;
    private final List<Room> rooms = new ArrayList<>();
    private final Map<String, Sent> underWay = new HashMap<>();
    private final Latency ackLatency = new Latency();
    private final Latency deliveryLatency = new Latency();
    private ObjLongConsumer<String> sending = (name, due) -> {};
    private Pace pace = () -> {};
    private boolean running;
    private long number;
    private long acked;
    private long delivered;
    private long behind;
    private long again;
    private long overtaken;

    Traffic(World world, Result result) {
        this.world = world;
        this.result = result;
        this.recvAcks = world.settings().flag("recvacks", true);
        this.payload = Payload.of("{\"type\":1,\"content\":\"%s\"}"
                .formatted("x".repeat(world.settings().number("payload", 64))));
    }

    private static final class Sent {
        private final Member from;
        private final long number;
        private final String name;
        private final long due;

        /** Receivers who do not have it yet, and its sender until it is acknowledged. */
        private int waiting;

        Sent(Member from, long number, String name, long due) {
            this.from = from;
            this.number = number;
            this.name = name;
            this.due = due;
            this.waiting = from.room().receivers() + 1;
        }
    }

    World world() {
        return world;
    }

    /** For those who send and receive this. */
    Crowd crowd() {
        return new Crowd(world, result, this);
    }

    /** Two and two write to each other; all of them send. */
    List<Member> pair(List<Client> clients) {
        List<Member> senders = new ArrayList<>();
        for (int i = 0; i + 1 < clients.size(); i += 2) {
            Room room = Room.pair(clients.get(i), clients.get(i + 1));
            rooms.add(room);
            senders.addAll(room.members());
        }
        return senders;
    }

    /** All in one group, of whom so many send. */
    List<Member> group(String id, List<Client> clients, int senders) {
        world.api().group(id, clients.stream().map(Client::uid).toList());
        Room room = Room.group(id, clients);
        rooms.add(room);
        return room.members().subList(0, Math.min(senders, clients.size()));
    }

    /** @param listener told of each message's {@code client_msg_no} and when it was due, before it goes out */
    void onSending(ObjLongConsumer<String> listener) {
        sending = listener;
    }

    /** Messages that were acknowledged to their senders. */
    long stored() {
        return world.loop().call(() -> acked);
    }

    /**
     * Sends one; it goes out with the next flush of its client.
     *
     * @param due when it should have been sent: its time counts from there, so that a late driver hides nothing
     */
    void send(Member from, long due) {
        String name = world.name(Long.toString(number, 36));
        long clientSeq = number & 0xffff_ffffL;
        Sent sent = new Sent(from, number++, name, due);
        underWay.put(name, sent);
        sending.accept(name, due);
        from.client().notes().put(clientSeq, sent);
        from.client()
                .write(new Frame.Send(Header.PLAIN, 0, clientSeq, name, from.sendsTo(), 0, "", payload));
    }

    boolean isRunning() {
        return running;
    }

    /**
     * Warms up, measures, lets everything arrive, and writes what came out.
     *
     * @param begin begins to measure what else goes on, on the driver's thread
     */
    void run(Pace by, Runnable begin, Counter... besides) {
        world.loop().run(() -> {
            pace = by;
            running = true;
            by.begin();
        });
        Stream<Counter> own = Stream.of(new Counter("message", () -> acked), new Counter("delivery", () -> delivered));
        Runnable all = () -> {
            ackLatency.begin();
            deliveryLatency.begin();
            begin.run();
        };
        world.measure(result, all, Stream.concat(own, Stream.of(besides)).toArray(Counter[]::new));
        world.loop().run(() -> {
            running = false;
            by.end();
        });
        world.await(world.loop().call(() -> number), new Counter("messages done", () -> number - underWay.size()));
        world.linger();
        world.loop().run(this::report);
    }

    @Override
    public void received(Client client, Frame frame) {
        switch (frame) {
            case Frame.SendAck ack -> acknowledged(client, ack);
            case Frame.Recv recv -> delivered(client, recv);
            default -> result.problem(client.uid() + " got " + frame);
        }
    }

    @Override
    public void lost(Client client, String why) {
        result.problem(client.uid() + ": " + why);
    }

    private void acknowledged(Client client, Frame.SendAck ack) {
        if (!(client.notes().remove(ack.clientSeq()) instanceof Sent sent)) {
            result.problem(client.uid() + " got a SENDACK for nothing it sent");
            return;
        }
        if (ack.reasonCode() == Reason.SUCCESS.code()) {
            acked++;
            if (!sent.from.acknowledged(sent.number, ack.messageSeq())) {
                overtaken++;
            }
            ackLatency.ended(sent.due);
            arrived(sent);
        } else {
            result.problem(client.uid() + ": SENDACK with reason " + ack.reasonCode());
            underWay.remove(sent.name);
        }
        pace.acked(sent.from);
    }

    private void delivered(Client client, Frame.Recv recv) {
        if (recvAcks) {
            client.write(new Frame.RecvAck(recv.header(), recv.messageId(), recv.messageSeq()));
        }
        if (!(client.notes().get(recv.channel()) instanceof Member member)) {
            result.problem(client.uid() + " got a message of " + recv.channel());
            return;
        }
        switch (member.receive(recv.messageSeq())) {
            case AGAIN -> {
                again++;
                return;
            }
            case BEHIND_A_LATER_ONE -> behind++;
            case IN_ORDER -> {}
        }
        delivered++;
        Sent sent = underWay.get(recv.clientMsgNo());
        if (sent == null) {
            result.problem(client.uid() + " got a message that nobody sent: " + recv.clientMsgNo());
            return;
        }
        deliveryLatency.ended(sent.due);
        arrived(sent);
    }

    private void arrived(Sent sent) {
        if (--sent.waiting == 0) {
            underWay.remove(sent.name);
            pace.delivered(sent.from);
        }
    }

    /** Writes times, and what must be none; on the driver's thread. */
    void report() {
        if (!underWay.isEmpty()) {
            result.problem(underWay.size() + " messages are not acknowledged or not everywhere");
        }
        result.latency("ack", ackLatency);
        result.latency("delivery", deliveryLatency);
        result.none("lost", rooms.stream().flatMap(room -> room.members().stream()).mapToLong(Member::missing).sum());
        result.none("behind a later one", behind);
        result.none("delivered twice", again);
        result.none("stored behind the sender's next", overtaken);
    }
}
