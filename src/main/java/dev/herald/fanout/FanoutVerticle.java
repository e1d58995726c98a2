package dev.herald.fanout;

import dev.herald.bus.Address;
import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.Service;
import dev.herald.bus.message.BusMessage;
import dev.herald.bus.message.Done;
import dev.herald.bus.message.InboxMessage.Ack;
import dev.herald.bus.message.InboxMessage.AckInboxes;
import dev.herald.bus.message.InboxMessage.InboxOpened;
import dev.herald.bus.message.PresenceMessage.Differences;
import dev.herald.bus.message.SocketMessage.InboxesChanged;
import dev.herald.config.HeraldConfig;
import dev.herald.failure.HeraldException;
import dev.herald.fanout.epoch.Epoch;
import dev.herald.fanout.epoch.Eviction;
import dev.herald.fanout.inbox.Bodies;
import dev.herald.fanout.inbox.DeviceCursors;
import dev.herald.fanout.inbox.FanoutMeters;
import dev.herald.fanout.inbox.InboxCalls;
import dev.herald.fanout.inbox.InboxReader;
import dev.herald.fanout.inbox.Inboxes;
import dev.herald.fanout.inbox.Resyncs;
import dev.herald.fanout.inbox.Retention;
import dev.herald.fanout.rebuild.LostEntries;
import dev.herald.fanout.rebuild.Overhaul;
import dev.herald.fanout.rebuild.Rebuilds;
import dev.herald.fanout.walk.Appends;
import dev.herald.fanout.walk.FanOut;
import dev.herald.fanout.walk.PendingCommands;
import dev.herald.lifecycle.Bulkhead;
import dev.herald.lifecycle.InFlight;
import dev.herald.lifecycle.Periodic;
import dev.herald.postgres.PgClients;
import dev.herald.redis.RedisGateway;
import dev.herald.trail.Trail;
import dev.herald.trail.Trails;
import io.micrometer.core.instrument.Metrics;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Owns the users' inboxes: puts every committed command into those that it addresses, and serves their devices. */
public final class FanoutVerticle extends VerticleBase {
    private static final Duration EPOCH_CHECK = Duration.ofSeconds(2);
    private static final Duration RETENTION_SWEEP = Duration.ofMinutes(10);
    private static final Duration CURSOR_FLUSH = Duration.ofSeconds(3);

    /** Requests, of {@link AckInboxes#MOST} acknowledgements each; the others wait. */
    private static final int ACKS_IN_FLIGHT = 8;

    private final HeraldConfig.Commands config;
    private final String redisUrl;
    private final Bus bus;
    private final PgClients pg;
    private final long incarnation;
    private final Tuning tuning;

    private final InFlight requests =
            new InFlight(RedisGateway.MAX_IN_FLIGHT - 2 * Appends.MAX_IN_FLIGHT - ACKS_IN_FLIGHT * AckInboxes.MOST);
    private final Bulkhead acks = new Bulkhead(ACKS_IN_FLIGHT);
    private final Service service;
    private final Trail trail = new Trail();
    private @Nullable Running running;

    /** What exists while Redis is open. */
    private record Running(
            RedisGateway redis,
            Epoch epoch,
            PendingCommands pending,
            FanOut fanOut,
            DeviceCursors cursors,
            Periodic sweep,
            Periodic flush,
            List<Periodic> chores) {}

    /** @param incarnation of this process: the owner of its leases, and the high part of its session ids */
    public FanoutVerticle(HeraldConfig config, Bus bus, PgClients pg, long incarnation) {
        this(config, bus, pg, incarnation, Tuning.STANDARD);
    }

    FanoutVerticle(HeraldConfig config, Bus bus, PgClients pg, long incarnation, Tuning tuning) {
        this.config = config.commands();
        this.redisUrl = config.redis().url().orElseThrow().value();
        this.bus = bus;
        this.service = new Service(bus);
        this.pg = pg;
        this.incarnation = incarnation;
        this.tuning = tuning;
    }

    @Override
    public Future<?> start() {
        Epoch epoch = new Epoch(pg.statements(), incarnation, this::inboxesChanged);
        return RedisGateway.open(
                        vertx,
                        redisUrl,
                        calls -> Eviction.refuse(calls).compose(fine -> epoch.check(calls)),
                        this::nudge)
                .compose(redis -> serve(redis, epoch));
    }

    /** Takes no more work, finishes the pages and requests under way, and leaves the rest to other nodes at once. */
    @Override
    public Future<?> stop() {
        Running parts = running;
        if (parts == null) {
            return Future.succeededFuture();
        }
        return service.close()
                .eventually(requests::drain)
                .eventually(parts.sweep::stop)
                .eventually(parts.fanOut::drain)
                .eventually(parts.pending::release)
                .eventually(() ->
                        Future.join(parts.chores.stream().map(Periodic::stop).toList()))
                .eventually(parts.cursors::flush)
                .eventually(() -> parts.epoch.end(parts.redis))
                .eventually(parts.redis::close)
                .onComplete(closed -> Trails.of(vertx).remove(trail));
    }

    private Future<?> serve(RedisGateway redis, Epoch epoch) {
        Trails.of(vertx).add(trail, context);
        FanoutMeters meters = new FanoutMeters(Metrics.globalRegistry);
        Resyncs resyncs = new Resyncs(pg.statements(), this::nudge, meters);
        LostEntries lost = new LostEntries(pg.transactions(), config.inboxBound(), LostEntries.PATIENCE);
        Rebuilds rebuilds = new Rebuilds(redis, epoch, lost, resyncs, meters);
        InboxCalls calls = new InboxCalls(redis, epoch, rebuilds::rebuild);
        DeviceCursors cursors =
                new DeviceCursors(pg.statements(), redis, calls, epoch, this::flushNow, this::eventsRecorded);
        Appends appends = new Appends(calls, cursors, resyncs, meters, epoch, config.lease(), config.inboxBound());
        Bodies bodies = new Bodies(pg.statements());
        PendingCommands pending =
                new PendingCommands(pg.statements(), incarnation, config.lease(), tuning.page(), epoch);
        FanOut fanOut = new FanOut(pending, appends, bodies, bus, config, meters, trail, this::nudge);
        Inboxes inboxes = new Inboxes(calls, cursors, config.retention());
        Periodic sweep = Periodic.startResting(vertx, "commands", tuning.sweep(), fanOut::sweep);
        Periodic flush = Periodic.start(vertx, "cursors", CURSOR_FLUSH, cursors::flush);
        Periodic check = Periodic.start(vertx, "epoch", EPOCH_CHECK, () -> check(redis, epoch));
        Retention retention = new Retention(pg.statements(), calls, config.retention());
        Periodic end = Periodic.start(vertx, "retention", RETENTION_SWEEP, retention::sweep);
        Periodic look = Periodic.startResting(vertx, "pending", tuning.sweep(), fanOut::look);
        running = new Running(redis, epoch, pending, fanOut, cursors, sweep, flush, List.of(flush, check, end, look));
        overhaul(new Overhaul(redis, epoch, rebuilds, lost));
        answer(inboxes, new InboxReader(inboxes, bodies, resyncs, meters), fanOut, cursors);
        nudge();
        return service.ready();
    }

    private void answer(Inboxes inboxes, InboxReader reader, FanOut fanOut, DeviceCursors cursors) {
        serve(Addresses.INBOX_OPEN, open -> inboxes.open(open.uid(), open.deviceFlag())
                .map(opened -> new InboxOpened(opened.cursor(), opened.fresh(), opened.tail())));
        serve(Addresses.INBOX_READ, reader::read);
        serve(Addresses.INBOX_PULL, reader::pull);
        serve(Addresses.INBOX_ACK, told -> acks.run(() -> ack(inboxes, told.list(), fanOut.floor())));
        serve(Addresses.INBOX_GIVE, end -> inboxes.give(end.uid(), end.deviceFlag(), end.seq(), end.told())
                .map(Done.DONE));
        serve(Addresses.INBOX_REFRESH, refresh -> cursors.refresh(refresh.uids())
                .map(Done.DONE));
        serve(Addresses.COMMANDS_PENDING, pendingNow -> {
            nudge();
            return Future.succeededFuture(Done.DONE);
        });
    }

    private void overhaul(Overhaul overhaul) {
        serve(Addresses.INBOX_REBUILD, order -> overhaul.rebuild(order.uids()).map(Done.DONE));
        serve(Addresses.INBOX_VERIFY, asked -> overhaul.verify(asked.uids()).map(Differences::new));
    }

    private <Q extends BusMessage, R extends BusMessage> void serve(
            Address<Q, R> address, Function<Q, Future<R>> work) {
        service.serve(address, request -> requests.run(() -> work.apply(request)));
    }

    private static Future<Done> ack(Inboxes inboxes, List<Ack> told, long floor) {
        if (told.stream().anyMatch(ack -> ack.seq() < 0)) {
            return Future.failedFuture(HeraldException.invalid("seq", "must not be negative"));
        }
        return inboxes.ack(told, floor).map(Done.DONE);
    }

    private static Future<Void> check(RedisGateway redis, Epoch epoch) {
        return redis.isConnected() ? epoch.check(redis) : Future.succeededFuture();
    }

    /** Feeds of live sessions read on, which rebuilds their inboxes; restarted fan-outs begin. */
    private void inboxesChanged() {
        bus.publish(Addresses.SOCKETS_REPLAY, new InboxesChanged());
        nudge();
    }

    private void eventsRecorded() {
        bus.tell(Addresses.EVENTS_PENDING, Done.DONE);
    }

    private void flushNow() {
        if (running != null) {
            running.flush.nudge();
        }
    }

    private void nudge() {
        if (running != null) {
            running.sweep.nudge();
        }
    }
}
