package dev.herald.bench.scenario;

import dev.herald.bench.World;
import dev.herald.bench.measure.Latency;
import dev.herald.bench.measure.Result;
import dev.herald.bench.net.Client;
import dev.herald.wire.Frame;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A back end sends commands to single users who are online, so many a second in all; each must arrive, once. The time of one
 * begins when it was due and ends when its client has it.
 */
final class CommandStream {
    private static final Duration SETTLE = Duration.ofSeconds(60);
    private static final String PAYLOAD = Base64.getEncoder()
            .encodeToString("{\"type\":99,\"cmd\":\"userUpdate\"}".getBytes(StandardCharsets.UTF_8));

    private final World world;
    private final Result result;
    private final int perSecond;
    private final Latency latency = new Latency();
    private final Map<String, Long> underWay = new HashMap<>();
    private final Set<String> arrived = new HashSet<>();
    private List<Client> clients = List.of();
    private AutoCloseable ticking = () -> {};
    private long begun;
    private long sent;

    CommandStream(World world, Result result, int perSecond) {
        this.world = world;
        this.result = result;
        this.perSecond = perSecond;
    }

    /** Connects so many users, who do nothing else. */
    void connect(int users) {
        clients = new Crowd(world, result, listener()).connect(users, 64, i -> world.name("k" + i));
    }

    void begin() {
        world.loop().run(() -> begun = System.nanoTime());
        ticking = world.loop().everyMilli(this::sendDue);
    }

    /** Forgets the times so far; gives how many have arrived. */
    long mark() {
        return world.loop().call(() -> {
            latency.reset();
            return (long) arrived.size();
        });
    }

    long arrived() {
        return world.loop().call(() -> (long) arrived.size());
    }

    /** Sends no more, and waits for what is under way. */
    void end() throws Exception {
        ticking.close();
        world.loop().run(() -> result.latency("command", latency));
        boolean all = world.loop().await(SETTLE, underWay::isEmpty);
        if (!all) {
            result.problem(world.loop().call(underWay::size) + " commands did not arrive in " + SETTLE);
        }
        world.loop().run(() -> clients.forEach(Client::close));
    }

    private void sendDue() {
        long elapsed = System.nanoTime() - begun;
        for (long due = due(sent); due <= elapsed; due = due(++sent)) {
            String name = world.name("k" + sent);
            underWay.put(name, begun + due);
            world.api()
                    .postAsync(
                            "/message/send",
                            Map.of(
                                    "header", Map.of("sync_once", 1),
                                    "client_msg_no", name,
                                    "subscribers", List.of(clients.get((int) (sent % clients.size())).uid()),
                                    "payload", PAYLOAD))
                    .whenComplete((answer, failed) -> {
                        if (failed != null) {
                            world.loop().run(() -> result.problem("a command was refused: " + failed.getMessage()));
                        }
                    });
        }
    }

    private long due(long number) {
        return number * 1_000_000_000L / perSecond;
    }

    private Client.Listener listener() {
        Client.Listener quiet = Crowd.quiet(result);
        return new Client.Listener() {
            @Override
            public void received(Client client, Frame frame) {
                quiet.received(client, frame);
                client.flush();
                if (frame instanceof Frame.Recv recv) {
                    Long at = underWay.remove(recv.clientMsgNo());
                    if (at != null) {
                        latency.recordNanos(System.nanoTime() - at);
                    }
                    if (!arrived.add(recv.clientMsgNo())) {
                        result.problem(client.uid() + " got a command twice");
                    }
                }
            }

            @Override
            public void lost(Client client, String why) {
                quiet.lost(client, why);
            }
        };
    }
}
