package dev.herald.bench.floor;

import dev.herald.bench.World;
import dev.herald.bench.measure.Counter;
import dev.herald.bench.measure.Latency;
import dev.herald.bench.measure.Result;
import dev.herald.bench.net.Client;
import dev.herald.bench.scenario.Crowd;
import dev.herald.bench.scenario.Scenario;
import dev.herald.model.ChannelKey;
import dev.herald.model.Delivery.Header;
import dev.herald.model.Payload;
import dev.herald.wire.Frame;
import java.util.List;

/** Frames that come back, {@code window} of each client under way: one in and one out, and no work between. */
public final class Echo implements Scenario {
    private static final ChannelKey NOWHERE = ChannelKey.group("echo");

    private final Latency latency = new Latency();
    private Payload payload = Payload.of("");
    private boolean running = true;
    private long sent;
    private long back;

    @Override
    public void run(World world, Result result) {
        int window = world.settings().number("window", 4);
        payload = Payload.of("x".repeat(world.settings().number("payload", 150)));
        List<Client> clients = new Crowd(world, result, listener(result))
                .connect(world.settings().number("clients", 200), 64, i -> world.name("e" + i));
        world.loop().run(() -> {
            for (Client client : clients) {
                for (int i = 0; i < window; i++) {
                    send(client, i);
                }
                client.flush();
            }
        });
        world.measure(result, latency::begin, new Counter("echo", () -> back));
        world.loop().run(() -> running = false);
        if (!world.await(world.loop().call(() -> sent), new Counter("frames back", () -> back))) {
            result.problem("some frames have not come back");
        }
        world.loop().run(() -> result.latency("echo", latency));
    }

    private void send(Client client, long number) {
        sent++;
        client.notes().put(number, System.nanoTime());
        client.write(new Frame.Send(Header.PLAIN, 0, number, "", NOWHERE, 0, "", payload));
    }

    private Client.Listener listener(Result result) {
        return new Client.Listener() {
            @Override
            public void received(Client client, Frame frame) {
                if (frame instanceof Frame.SendAck ack && client.notes().get(ack.clientSeq()) instanceof Long at) {
                    back++;
                    latency.ended(at);
                    if (running) {
                        send(client, ack.clientSeq());
                    }
                }
            }

            @Override
            public void lost(Client client, String why) {
                result.problem(client.uid() + ": " + why);
            }
        };
    }
}
