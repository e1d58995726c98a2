package dev.herald.bench.scenario;

import dev.herald.bench.Settings;
import dev.herald.bench.scenario.Room.Member;
import java.util.List;

/** When to send the next message; called on the driver's thread. */
interface Pace {
    void begin();

    /** The server has one of this sender's, or refused it. */
    default void acked(Member sender) {}

    /** Everybody has one of this sender's. */
    default void delivered(Member sender) {}

    default void end() {}

    /**
     * {@code rate} messages a second in all, or else {@code window} of each sender under way.
     *
     * @param untilDelivered whether one is under way until everybody has it, or only until it is acknowledged
     */
    static Pace of(Settings settings, Traffic traffic, List<Member> senders, boolean untilDelivered) {
        int rate = settings.number("rate", 0);
        int window = settings.number("window", 4);
        return rate > 0
                ? new SteadyRate(traffic, senders, rate)
                : new Windows(traffic, senders, window, untilDelivered);
    }
}
