package dev.herald.bench.scenario;

import dev.herald.bench.World;
import dev.herald.bench.scenario.Room.Member;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** So many messages a second whatever the server does; a message's time begins when it was due (no coordinated omission). */
final class SteadyRate implements Traffic.Pace {
    private final World world;
    private final Traffic traffic;
    private final List<Member> senders;
    private final int perSecond;
    private @Nullable AutoCloseable ticking;
    private long begun;
    private long sent;

    SteadyRate(World world, Traffic traffic, List<Member> senders, int perSecond) {
        this.world = world;
        this.traffic = traffic;
        this.senders = senders;
        this.perSecond = perSecond;
    }

    @Override
    public void begin() {
        begun = System.nanoTime();
        ticking = world.loop().everyMilli(this::sendDue);
    }

    @Override
    public void end() {
        try {
            if (ticking != null) {
                ticking.close();
            }
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private void sendDue() {
        long elapsed = System.nanoTime() - begun;
        while (traffic.isRunning() && due(sent) <= elapsed) {
            Member sender = senders.get((int) (sent % senders.size()));
            traffic.send(sender, begun + due(sent));
            sender.client().flush();
            sent++;
        }
    }

    private long due(long number) {
        return number * 1_000_000_000L / perSecond;
    }
}
