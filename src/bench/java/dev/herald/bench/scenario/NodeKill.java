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
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Pairs write to each other over all nodes of a cluster at a steady rate, and in the middle one node is killed. Its clients
 * do as clients do: they come back, and send again what was not acknowledged, under the same number. In the end the
 * history must hold each message once, in sequences without a gap, and everybody must be online.
 */
final class NodeKill implements Scenario {
    private static final Duration RETRY = Duration.ofMillis(200);
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

    private final class Person implements Client.Listener {
        private final String uid;
        private final int number;
        private final Map<String, Long> unacked = new LinkedHashMap<>();
        private final Set<String> received = new HashSet<>();
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
                if (lostAt > 0) {
                    returns.ended(lostAt);
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
                    Long at = unacked.remove(String.valueOf(from.notes().remove(ack.clientSeq())));
                    if (ack.reasonCode() != 1) {
                        result.problem(uid + ": SENDACK with reason " + ack.reasonCode());
                    } else if (at != null) {
                        acked++;
                        acks.ended(at);
                    }
                }
                case Frame.Recv recv -> {
                    from.write(new Frame.RecvAck(recv.header(), recv.messageId(), recv.messageSeq()));
                    if (recv.messageSeq() < lastSeq) {
                        result.problem(uid + " got a message behind a later one");
                    }
                    lastSeq = recv.messageSeq();
                    received.add(recv.clientMsgNo());
                }
                default -> result.problem(uid + " got " + frame);
            }
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
        world.loop().run(this::report);
        check(new Aftermath(world, result));
    }

    private void send(long due) {
        people.get((int) (sent % people.size())).send(world.name(Long.toString(sent, 36)), due);
        sent++;
    }

    private void report() {
        result.none("not acknowledged", sent - acked);
        result.latency("ack before the kill", acksBefore);
        result.latency("ack after the kill", acksAfter);
        result.latency("back in", returns);
        result.figure("clients that lost their node", returns.count());
        result.figure("messages", sent);
        result.figure("sent again", sentAgain);
    }

    private void check(Aftermath aftermath) {
        long pushed = 0;
        long stored = 0;
        for (int i = 0; i + 1 < people.size(); i += 2) {
            Person one = people.get(i);
            Person other = one.peer;
            Set<String> names = aftermath.history(one.uid, other.uid);
            stored += names.size();
            pushed += names.stream().filter(name -> one.received.contains(name) || other.received.contains(name)).count();
        }
        result.none("lost", sent - stored);
        result.figure("only in the history", stored - pushed);
        aftermath.online(people.stream().map(person -> person.uid).toList());
    }
}
