package dev.herald.socket;

import dev.herald.config.HeraldConfig;
import dev.herald.lifecycle.NodeLocal;
import dev.herald.lifecycle.SharedRate;
import dev.herald.socket.transport.Entrance.Later;
import io.vertx.core.Vertx;
import io.vertx.core.shareddata.Shareable;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/** Whether this node takes one more client now, over all its ports and event loops; who is not taken is told when to come. */
final class Admission implements Shareable {
    /** Nobody knows when a place becomes free, so those who wait for one are spread over this. */
    private static final Duration LONG = Duration.ofSeconds(30);

    private final NodeCounts counts;
    private final int maxConnections;
    private final SharedRate connects;
    private final Memory memory;

    Admission(HeraldConfig.Ws config, NodeCounts counts, Memory memory) {
        this.counts = counts;
        this.maxConnections = config.maxConnections();
        this.connects = new SharedRate(config.connectRate(), System.nanoTime());
        this.memory = memory;
    }

    static Admission of(Vertx vertx, HeraldConfig.Ws config, NodeCounts counts) {
        return NodeLocal.of(vertx, Admission.class, () -> new Admission(config, counts, Memory.ofProcess(counts)));
    }

    /** Empty if the client has a place now, which it has to {@link #leave}. */
    Optional<Later> enter() {
        if (memory.isShort()) {
            return Optional.of(new Later("memory", someTime()));
        }
        if (!counts.connect(maxConnections)) {
            return Optional.of(new Later("connections", someTime()));
        }
        if (!connects.take(System.nanoTime())) {
            counts.disconnect();
            return Optional.of(turn("connect-rate"));
        }
        return Optional.empty();
    }

    void leave() {
        counts.disconnect();
    }

    /** To whom has a place, and cannot log in for all the others who do. */
    Later tooManyLogins() {
        return turn("logins");
    }

    /** Other nodes are there at once, and this one will be again. */
    static Later draining() {
        return new Later(
                "draining", Duration.ofMillis(ThreadLocalRandom.current().nextLong(3_000)));
    }

    Memory memory() {
        return memory;
    }

    private Later turn(String reason) {
        return new Later(reason, connects.turn(System.nanoTime()));
    }

    private static Duration someTime() {
        return Duration.ofMillis(ThreadLocalRandom.current().nextLong(LONG.toMillis()));
    }
}
