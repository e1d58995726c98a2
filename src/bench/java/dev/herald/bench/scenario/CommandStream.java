package dev.herald.bench.scenario;

import dev.herald.bench.World;
import dev.herald.bench.net.Client;
import dev.herald.bench.net.Loop.Ticking;
import dev.herald.model.ChannelKey;
import java.util.List;
import java.util.Map;

/** Commands to single users who are online and do nothing else, so many a second in all. */
final class CommandStream {
    private final World world;
    private final CommandTraffic commands;
    private Ticking ticking = () -> {};
    private int sent;

    CommandStream(World world, CommandTraffic commands) {
        this.world = world;
        this.commands = commands;
    }

    void begin(int users, int perSecond) {
        List<Client> clients = commands.crowd().connect(users, 64, i -> world.name("k" + i));
        ticking = world.loop().steadily(perSecond, due -> {
            Client to = clients.get(sent++ % clients.size());
            commands.send(Map.of("channel_id", to.uid(), "channel_type", ChannelKey.PERSON), 1, due);
        });
    }

    /** Sends no more, waits for what is under way, and writes what came out. */
    void end() {
        ticking.end();
        commands.settle();
        commands.end();
    }
}
