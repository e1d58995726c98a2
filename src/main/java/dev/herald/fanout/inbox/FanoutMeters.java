package dev.herald.fanout.inbox;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** What is counted of inboxes and of the fan-out; docs/metrics.md says what each means. */
public final class FanoutMeters {
    /** One append in so many is looked at for the length of its list. */
    private static final int SAMPLE = 16;

    private final DistributionSummary length;
    private final Timer commandLag;
    private final Counter members;
    private final DistributionSummary inboxLag;
    private final Counter coalesced;
    private final Counter resyncs;
    private final Counter rebuilds;
    private final AtomicLong pendingAgeMillis;
    private int appends;

    public FanoutMeters(MeterRegistry registry) {
        length = DistributionSummary.builder("herald.inbox.length")
                .serviceLevelObjectives(1, 4, 16, 64, 256, 1024, 4096)
                .register(registry);
        inboxLag = DistributionSummary.builder("herald.inbox.lag")
                .serviceLevelObjectives(1, 4, 16, 64, 256, 1024, 4096)
                .register(registry);
        commandLag = Timer.builder("herald.command.lag")
                .serviceLevelObjectives(
                        Duration.ofMillis(10),
                        Duration.ofMillis(50),
                        Duration.ofMillis(200),
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(30),
                        Duration.ofMinutes(5))
                .register(registry);
        members = registry.counter("herald.fanout.members");
        coalesced = registry.counter("herald.inbox.coalesced");
        resyncs = registry.counter("herald.inbox.resyncs");
        rebuilds = registry.counter("herald.inbox.rebuilds");
        pendingAgeMillis = new AtomicLong();
        registry.more()
                .timeGauge(
                        "herald.commands.pending.age",
                        List.of(),
                        pendingAgeMillis,
                        TimeUnit.MILLISECONDS,
                        AtomicLong::get);
    }

    /** @param entries of the list, with this one; 0 for a repeat, which is not counted */
    public void appended(long entries, long dropped) {
        coalesced.increment((double) dropped);
        if (entries > 0 && ++appends % SAMPLE == 0) {
            length.record((double) entries);
        }
    }

    /** @param lag the time from a command's commit until this page of its users has it */
    public void reached(int users, Duration lag) {
        members.increment(users);
        commandLag.record(lag.isNegative() ? Duration.ZERO : lag);
    }

    /** @param places from where a reader reads on to the end of the inbox */
    void readBehind(long places) {
        inboxLag.record((double) Math.max(0, places));
    }

    public void pendingSince(Duration oldest) {
        pendingAgeMillis.set(oldest.toMillis());
    }

    void resynced(int users) {
        resyncs.increment(users);
    }

    public void rebuilt() {
        rebuilds.increment();
    }
}
