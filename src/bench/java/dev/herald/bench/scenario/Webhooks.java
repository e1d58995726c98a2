package dev.herald.bench.scenario;

import dev.herald.bench.Receiver;
import dev.herald.bench.World;
import dev.herald.bench.measure.Result;
import dev.herald.bench.net.Client;
import dev.herald.bench.scenario.Room.Member;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Messages that the server tells the back end of, which listens at {@code hook-port}: the server must have been started
 * with that address. Every stored message must be told of at least once.
 */
final class Webhooks implements Scenario {
    private static final Duration SETTLE = Duration.ofMinutes(2);

    private final Set<Long> told = ConcurrentHashMap.newKeySet();

    @SuppressWarnings("try") // the receiver is there to be posted to
    @Override
    public void run(World world, Result result) throws Exception {
        int count = world.settings().number("clients", 200);
        int rate = world.settings().number("rate", 0);
        int window = world.settings().number("window", 4);
        String run = world.name("");
        try (Receiver receiver = new Receiver(world.settings().number("hook-port", 18080), (event, body) -> {
            if (event.equals("msg.notify") && body.path("client_msg_no").asText().startsWith(run)) {
                told.add(body.path("message_id").asLong());
            }
        })) {
            Traffic traffic = new Traffic(world, result);
            List<Client> clients = new Crowd(world, result, traffic).connect(count, 64, i -> world.name("h" + i));
            List<Member> senders = new ArrayList<>();
            for (int i = 0; i + 1 < clients.size(); i += 2) {
                Room room = Room.pair(clients.get(i), clients.get(i + 1));
                traffic.add(room);
                senders.addAll(room.members());
            }
            traffic.watch("events/s", told::size);
            traffic.run(
                    rate > 0
                            ? new SteadyRate(world, traffic, senders, rate)
                            : new Windows(traffic, senders, window, false));
            long sent = traffic.stored();
            long begun = System.nanoTime();
            long before = told.size();
            boolean all = world.loop().await(SETTLE, () -> told.size() >= sent);
            double seconds = (System.nanoTime() - begun) / 1e9;
            result.figure("events behind at the end", sent - before);
            result.figure("seconds to catch up", seconds);
            if (!all) {
                result.problem((sent - told.size()) + " of " + sent + " messages were not told of");
            }
            world.loop().run(() -> clients.forEach(Client::close));
        }
    }
}
