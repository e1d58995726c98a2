package dev.herald.bench.scenario;

import dev.herald.bench.World;
import dev.herald.bench.measure.Counter;
import dev.herald.bench.measure.Latency;
import dev.herald.bench.measure.Result;
import dev.herald.bench.net.Client;
import dev.herald.bench.net.Loop.Ticking;
import dev.herald.model.ChannelKey;
import dev.herald.model.Delivery.Header;
import dev.herald.model.Payload;
import dev.herald.wire.Frame;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Pairs write to each other over all nodes of a cluster at a steady rate, and in the middle one node is killed. Its clients
 * do as clients do: they come back, and send again what was not acknowledged, under the same number. In the end the
 * history must hold each message once, in sequences without a gap, and everybody must be online. Who was there while a
 * message was under way has been given it, and once on each connection.
 */
final class NodeKill implements Scenario {
    private static final Duration RETRY = Duration.ofMillis(200);

    /** What a node cannot tell about when somebody came or went, and when a message was stored (decision 041). */
    private static final long BLUR_NANOS = Duration.ofSeconds(2).toNanos();

    private static final Payload PAYLOAD = Payload.of("{\"type\":1,\"content\":\"%s\"}".formatted("x".repeat(64)));

    private final List<Person> people = new ArrayList<>();
    private final Latency acksBefore = new Latency();
    private final Latency acksAfter = new Latency();
    private final Latency returns = new Latency();
    private World world;
    private Result result;
    private Latency acks = acksBefore;
    private long sent;
    private long acked;
    private long sentAgain;
    private long nextSeq;
    private long again;

    /** From the sending of a message to its SENDACK, or from losing a connection to the next one. */
    private record Span(long begun, long ended) {
        boolean touches(Span other) {
            return begun - BLUR_NANOS < other.ended && other.begun < ended + BLUR_NANOS;
        }
    }

    private final class Person implements Client.Listener {
        private final String uid;
        private final int number;
        private final Map<String, Long> unacked = new LinkedHashMap<>();
        private final Map<String, Span> underWay = new HashMap<>();
        private final List<Span> away = new ArrayList<>();
        private final Set<String> received = new HashSet<>();
        private final Set<String> receivedHere = new HashSet<>();
        private Person peer = this;
        private Client client;
        private long lastSeq;
        private long lostAt;

        Person(int number) {
            this.number = number;
            this.uid = world.name("n" + number);
        }

        /** To another node than before with each try. */
        void come(int tries) {
            world.sockets().open(uid, 0, this, number + tries).whenComplete((open, refused) -> {
                if (refused != null) {
                    world.loop().later(RETRY, () -> come(tries + 1));
                    return;
                }
                client = open;
                lastSeq = 0;
                receivedHere.clear();
                if (lostAt > 0) {
                    returns.ended(lostAt);
                    away.add(new Span(lostAt, System.nanoTime()));
                }
                sentAgain += unacked.size();
                unacked.keySet().forEach(this::write);
                client.flush();
            });
        }

        void send(String name, long at) {
            unacked.put(name, at);
            if (client != null) {
                write(name);
                client.flush();
            }
        }

        private void write(String name) {
            long clientSeq = nextSeq++ & 0xffff_ffffL;
            client.notes().put(clientSeq, name);
            ChannelKey to = new ChannelKey(peer.uid, ChannelKey.PERSON);
            client.write(new Frame.Send(Header.PLAIN, 0, clientSeq, name, to, 0, "", PAYLOAD));
        }

        @Override
        public void received(Client from, Frame frame) {
            switch (frame) {
                case Frame.SendAck ack -> {
                    String name = String.valueOf(from.notes().remove(ack.clientSeq()));
                    Long at = unacked.remove(name);
                    if (ack.reasonCode() != 1) {
                        result.problem(uid + ": SENDACK with reason " + ack.reasonCode());
                    } else if (at != null) {
                        acked++;
                        acks.ended(at);
                        underWay.put(name, new Span(at, System.nanoTime()));
                    }
                }
                case Frame.Recv recv -> {
                    from.write(new Frame.RecvAck(recv.header(), recv.messageId(), recv.messageSeq()));
                    received(recv.clientMsgNo(), recv.messageSeq());
                }
                default -> result.problem(uid + " got " + frame);
            }
        }

        private void received(String name, long seq) {
            received.add(name);
            if (!receivedHere.add(name) || seq == lastSeq) {
                again++;
            } else if (seq < lastSeq) {
                result.problem(uid + " got a message behind a later one");
            }
            lastSeq = Math.max(lastSeq, seq);
        }

        /** What the other one was told is stored, and what did not come here. */
        Stream<String> missed() {
            return peer.underWay.keySet().stream().filter(name -> !received.contains(name));
        }

        boolean wasAwayFor(String name) {
            Span message = peer.underWay.get(name);
            return away.stream().anyMatch(span -> span.touches(message));
        }

        @Override
        public void lost(Client gone, String why) {
            client = null;
            lostAt = System.nanoTime();
            come(1);
        }
    }

    @Override
    public void run(World in, Result into) {
        world = in;
        result = into;
        long victim = world.settings().number("kill", 0);
        int perSecond = world.settings().number("rate", 500);
        for (int i = 0; i < world.settings().number("clients", 300); i++) {
            people.add(new Person(i));
        }
        // Whoever is on one node writes to somebody on the next.
        for (int i = 0; i + 1 < people.size(); i += 2) {
            people.get(i).peer = people.get(i + 1);
            people.get(i + 1).peer = people.get(i);
        }
        world.loop().run(() -> people.forEach(person -> person.come(0)));
        Counter present = new Counter("clients in", () -> people.stream().filter(person -> person.client != null).count());
        if (!world.await(people.size(), present)) {
            throw new IllegalStateException("not everybody is in");
        }
        Counter counter = new Counter("message", () -> acked);
        Ticking ticking = world.loop().steadily(perSecond, this::send);
        world.pass(world.time().dividedBy(2), "before the kill", counter);
        world.loop().run(() -> acks = acksAfter);
        ProcessHandle.of(victim).orElseThrow().destroyForcibly();
        world.pass(world.time().dividedBy(2), "after the kill", counter);
        ticking.end();
        world.await(world.loop().call(() -> sent), counter);
        world.await(people.size(), present);
        world.await(world.loop().call(() -> sent), new Counter("messages pushed or excused", () -> sent - missed(false)));
        world.linger();
        world.loop().run(this::report);
        check(new Aftermath(world, result));
    }

    private void send(long due) {
        people.get((int) (sent % people.size())).send(world.name(Long.toString(sent, 36)), due);
        sent++;
    }

    /** @param away whether of those whose receiver may have been away, or of those whose receiver was there */
    private long missed(boolean away) {
        return people.stream()
                .mapToLong(person -> person.missed().filter(name -> person.wasAwayFor(name) == away).count())
                .sum();
    }

    private void report() {
        result.none("not acknowledged", sent - acked);
        result.none("not pushed to who was there", missed(false));
        result.none("delivered twice", again);
        result.figure("only in the history", missed(true));
        result.latency("ack before the kill", acksBefore);
        result.latency("ack after the kill", acksAfter);
        result.latency("back in", returns);
        result.figure("clients that lost their node", returns.count());
        result.figure("messages", sent);
        result.figure("sent again", sentAgain);
    }

    private void check(Aftermath aftermath) {
        long stored = 0;
        for (int i = 0; i + 1 < people.size(); i += 2) {
            stored += aftermath.history(people.get(i).uid, people.get(i + 1).uid).size();
        }
        result.none("lost", sent - stored);
        aftermath.online(people.stream().map(person -> person.uid).toList());
    }
}
