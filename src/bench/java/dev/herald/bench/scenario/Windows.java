package dev.herald.bench.scenario;

import dev.herald.bench.scenario.Room.Member;
import java.util.List;

/** Each sender has so many under way; the next goes when one has arrived: at the server, or at everybody. */
final class Windows implements Pace {
    private final Traffic traffic;
    private final List<Member> senders;
    private final int window;
    private final boolean untilDelivered;

    Windows(Traffic traffic, List<Member> senders, int window, boolean untilDelivered) {
        this.traffic = traffic;
        this.senders = senders;
        this.window = window;
        this.untilDelivered = untilDelivered;
    }

    @Override
    public void begin() {
        for (Member sender : senders) {
            for (int i = 0; i < window; i++) {
                traffic.send(sender, System.nanoTime());
            }
            sender.client().flush();
        }
    }

    @Override
    public void acked(Member sender) {
        if (!untilDelivered && traffic.isRunning()) {
            traffic.send(sender, System.nanoTime());
        }
    }

    @Override
    public void delivered(Member sender) {
        if (untilDelivered && traffic.isRunning()) {
            traffic.send(sender, System.nanoTime());
            sender.client().flush();
        }
    }
}
