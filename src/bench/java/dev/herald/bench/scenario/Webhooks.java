package dev.herald.bench.scenario;

import dev.herald.bench.Receiver;
import dev.herald.bench.World;
import dev.herald.bench.measure.Counter;
import dev.herald.bench.measure.Result;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * {@code chat} that the server tells the back end of, which listens at {@code hook-port}: the server must have been started
 * with that address. Every stored message must be told of at least once.
 */
final class Webhooks implements Scenario {
    private final Set<Long> told = ConcurrentHashMap.newKeySet();

    @Override
    public void run(World world, Result result) {
        String run = world.name("");
        Receiver.listen(world.settings().number("hook-port", 18080), (event, body) -> {
            if (event.equals("msg.notify") && body.path("client_msg_no").asText().startsWith(run)) {
                told.add(body.path("message_id").asLong());
            }
        });
        Counter events = new Counter("event", told::size);
        Traffic traffic = new Traffic(world, result);
        PersonChat.chat(traffic, events);
        long sent = traffic.stored();
        long begun = System.nanoTime();
        result.figure("events behind at the end", sent - told.size());
        boolean all = world.await(sent, events);
        result.figure("seconds to catch up", (System.nanoTime() - begun) / 1e9);
        if (!all) {
            result.problem((sent - told.size()) + " of " + sent + " messages were not told of");
        }
    }
}
