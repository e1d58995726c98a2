package dev.herald.socket.send;

import dev.herald.bus.Bus;
import dev.herald.bus.message.PresenceMessage.SessionInfo;
import dev.herald.config.HeraldConfig;
import dev.herald.trail.Trail;
import dev.herald.wire.Frame.SendAck;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.function.Consumer;

/** What the sessions of one instance share for what they send. */
public final class Sends {
    final Trail trail;
    final SendBatches batches;
    final Activities activities;
    final Counter limited;
    private final int connectionRate;

    public Sends(Vertx vertx, Bus bus, HeraldConfig config, Trail trail, MeterRegistry registry) {
        this.trail = trail;
        this.batches = new SendBatches(vertx, bus);
        this.activities = new Activities(bus, registry);
        this.limited = registry.counter("herald.sends.limited", "by", "connection");
        this.connectionRate = config.messages().connectionRate();
    }

    /**
     * @param out given the answers, in the order of the SENDs
     * @param onRoom told when a session that was full has room again
     */
    public SessionSends of(SessionInfo session, Consumer<SendAck> out, Runnable onRoom) {
        return new SessionSends(this, session, connectionRate, out, onRoom);
    }

    /** How often to {@link #tellActivities}. */
    public static Duration activityInterval(Duration activeWithin) {
        return Activities.interval(activeWithin);
    }

    public void tellActivities() {
        activities.tell();
    }
}
