package dev.herald.bench.scenario;

import dev.herald.bench.Receiver;
import dev.herald.bench.World;
import dev.herald.bench.measure.Counter;
import dev.herald.bench.measure.Latency;
import dev.herald.bench.measure.Result;
import java.util.HashMap;
import java.util.Map;

/**
 * {@code chat} that the server tells the back end of, which listens at {@code hook-port}: the server must have been started
 * with that address. Every stored message must be told of at least once; its time runs from when it was due to be sent.
 */
final class Webhooks implements Scenario {
    private final Map<String, Long> untold = new HashMap<>();
    private final Latency latency = new Latency();
    private long told;

    @Override
    public void run(World world, Result result) {
        Receiver.listen(world.settings().number("hook-port", 18080), (event, body) -> {
            if (event.equals("msg.notify")) {
                hear(body.path("client_msg_no").asText());
            }
        });
        Counter events = new Counter("event", this::told);
        Traffic traffic = new Traffic(world, result);
        traffic.onSending(this::sending);
        PersonChat.chat(traffic, this::begin, events);
        long sent = traffic.stored();
        long begun = System.nanoTime();
        result.figure("events behind at the end", sent - told());
        boolean all = world.await(sent, events);
        result.figure("seconds to catch up", (System.nanoTime() - begun) / 1e9);
        if (!all) {
            result.problem((sent - told()) + " of " + sent + " messages were not told of");
        }
        report(result);
    }

    private synchronized void begin() {
        latency.begin();
    }

    private synchronized void sending(String name, long due) {
        untold.put(name, due);
    }

    /** Of messages of this run, each once: what is told again is no fault. */
    private synchronized void hear(String name) {
        Long due = untold.remove(name);
        if (due != null) {
            told++;
            latency.ended(due);
        }
    }

    private synchronized long told() {
        return told;
    }

    private synchronized void report(Result result) {
        result.latency("event", latency);
    }
}
