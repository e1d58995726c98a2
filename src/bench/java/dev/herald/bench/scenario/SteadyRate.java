package dev.herald.bench.scenario;

import dev.herald.bench.net.Loop.Ticking;
import dev.herald.bench.scenario.Room.Member;
import java.util.List;

/** So many messages a second whatever the server does; a message's time begins when it was due (no coordinated omission). */
final class SteadyRate implements Pace {
    private final Traffic traffic;
    private final List<Member> senders;
    private final int perSecond;
    private Ticking ticking = () -> {};
    private int sent;

    SteadyRate(Traffic traffic, List<Member> senders, int perSecond) {
        this.traffic = traffic;
        this.senders = senders;
        this.perSecond = perSecond;
    }

    @Override
    public void begin() {
        ticking = traffic.world().loop().steadily(perSecond, this::send);
    }

    @Override
    public void end() {
        ticking.end();
    }

    private void send(long due) {
        Member sender = senders.get(sent++ % senders.size());
        traffic.send(sender, due);
        sender.client().flush();
    }
}
