package dev.herald.bench.scenario;

import dev.herald.bench.World;
import dev.herald.bench.measure.Latency;
import dev.herald.bench.measure.Meter;
import dev.herald.bench.measure.Result;
import dev.herald.bench.net.Client;
import dev.herald.bench.scenario.Room.Member;
import dev.herald.model.Delivery.Header;
import dev.herald.model.Payload;
import dev.herald.model.Reason;
import dev.herald.wire.Frame;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/** Messages among clients: sends, times and counts them, and checks that each arrives once, in order and everywhere. */
final class Traffic implements Client.Listener {
    private static final Duration SETTLE = Duration.ofSeconds(60);
    private static final Duration PROGRESS = Duration.ofSeconds(5);

    /** When to send the next. */
    interface Pace {
        void begin();

        /** The server has it. */
        default void acked(Member sender) {}

        /** Everybody has it. */
        default void delivered(Member sender) {}

        default void end() {}
    }

    private final World world;
    private final Result result;
    private final boolean recvAcks;
    private final Payload payload;
    private final List<Room> rooms = new ArrayList<>();
    private final Map<String, Sent> underWay = new HashMap<>();
    private final Latency ackLatency = new Latency();
    private final Latency deliveryLatency = new Latency();
    private Pace pace = () -> {};
    private String watchedFigure = "";
    private LongSupplier watched = () -> 0;
    private boolean running;
    private long number;
    private long acked;
    private long delivered;
    private long behind;
    private long again;

    Traffic(World world, Result result) {
        this.world = world;
        this.result = result;
        this.recvAcks = world.settings().flag("recvacks", true);
        this.payload = Payload.of("{\"type\":1,\"content\":\"%s\"}"
                .formatted("x".repeat(world.settings().number("payload", 64))));
    }

    private static final class Sent {
        private final Member from;
        private final long at;
        private int waiting;

        Sent(Member from, long at, int waiting) {
            this.from = from;
            this.at = at;
            this.waiting = waiting;
        }
    }

    /** Also measures how fast a count grows that somebody else keeps. */
    void watch(String figure, LongSupplier count) {
        watchedFigure = figure;
        watched = count;
    }

    /** Messages that were acknowledged to their senders. */
    long stored() {
        return world.loop().call(() -> acked);
    }

    void add(Room room) {
        rooms.add(room);
    }

    /**
     * Sends one; it goes out with the next flush of its client.
     *
     * @param at when it should have been sent: the latency counts from there, so that a late driver hides nothing
     */
    void send(Member from, long at) {
        String name = world.name(Long.toString(number, 36));
        long clientSeq = number++ & 0xffff_ffffL;
        Sent sent = new Sent(from, at, from.room().receivers());
        underWay.put(name, sent);
        from.client().notes().put(clientSeq, sent);
        from.client()
                .write(new Frame.Send(Header.PLAIN, 0, clientSeq, name, from.sendsTo(), 0, "", payload));
    }

    boolean isRunning() {
        return running;
    }

    /** Warms up, measures, lets everything arrive, and writes what came out. */
    void run(Pace by) {
        pace = by;
        world.loop().run(() -> {
            running = true;
            by.begin();
        });
        pass(world.warmUp(), "warming up");
        long[] before = world.loop().call(() -> {
            ackLatency.reset();
            deliveryLatency.reset();
            return new long[] {acked, delivered};
        });
        Meter meter = world.meter();
        long watchedBefore = watched.getAsLong();
        pass(world.time(), "measuring");
        long[] after = world.loop().call(() -> new long[] {acked, delivered});
        double seconds = meter.seconds();
        if (!watchedFigure.isEmpty()) {
            result.figure(watchedFigure, (watched.getAsLong() - watchedBefore) / seconds);
        }
        meter.stop(result, "message", after[0] - before[0]);
        result.figure("deliveries/s", (after[1] - before[1]) / seconds);
        result.figure(
                "cpu servers us/delivery",
                result.figures().get("cpu servers us/message") * (after[0] - before[0]) / Math.max(1, after[1] - before[1]));
        world.loop().run(() -> {
            running = false;
            by.end();
            result.latency("ack", ackLatency);
            result.latency("delivery", deliveryLatency);
        });
        check();
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
            sent.from.acknowledged();
            ackLatency.recordNanos(System.nanoTime() - sent.at);
        } else {
            result.problem(client.uid() + ": SENDACK with reason " + ack.reasonCode());
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
        deliveryLatency.recordNanos(System.nanoTime() - sent.at);
        if (--sent.waiting == 0) {
            underWay.remove(recv.clientMsgNo());
            pace.delivered(sent.from);
        }
    }

    private void pass(Duration time, String what) {
        long end = System.nanoTime() + time.toNanos();
        long left = time.toNanos();
        while (left > 0) {
            long before = world.loop().call(() -> delivered);
            Duration step = Duration.ofNanos(Math.min(left, PROGRESS.toNanos()));
            world.loop().pause(step);
            long rate = (world.loop().call(() -> delivered) - before) * 1_000_000_000L / step.toNanos();
            world.say(what + ": " + rate + " deliveries/s");
            left = end - System.nanoTime();
        }
    }

    private void check() {
        boolean settled = world.loop().await(SETTLE, underWay::isEmpty);
        world.loop().run(() -> {
            if (!settled) {
                result.problem(underWay.size() + " messages did not reach everybody in " + SETTLE);
            }
            long missing = rooms.stream()
                    .flatMap(room -> room.members().stream())
                    .mapToLong(Member::missing)
                    .sum();
            result.figure("lost", missing);
            result.figure("behind a later one", behind);
            result.figure("delivered twice", again);
            if (missing != 0) {
                result.problem(missing + " deliveries are missing");
            }
            if (behind > 0) {
                result.problem(behind + " deliveries came behind a later message of their channel");
            }
            if (again > 0) {
                result.problem(again + " deliveries came twice");
            }
        });
    }
}
