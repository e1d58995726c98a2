package dev.herald.fanout;

import dev.herald.bus.Address;
import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.message.BusMessage;
import dev.herald.bus.message.Done;
import dev.herald.bus.message.InboxMessage.AckInbox;
import dev.herald.bus.message.InboxMessage.InboxOpened;
import dev.herald.config.HeraldConfig;
import dev.herald.config.Secret;
import dev.herald.failure.HeraldException;
import dev.herald.lifecycle.InFlight;
import dev.herald.lifecycle.Periodic;
import dev.herald.postgres.PgClients;
import dev.herald.redis.RedisGateway;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.eventbus.MessageConsumer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Owns the users' inboxes: puts every committed command into those that it addresses, and serves their devices. */
public final class FanoutVerticle extends VerticleBase {
    private final HeraldConfig.Commands config;
    private final String redisUrl;
    private final Bus bus;
    private final PgClients pg;
    private final long incarnation;

    private final InFlight requests = new InFlight(RedisGateway.MAX_IN_FLIGHT - Appends.MAX_IN_FLIGHT);
    private final List<MessageConsumer<?>> consumers = new ArrayList<>();
    private @Nullable Running running;

    /** What exists while Redis is open. */
    private record Running(RedisGateway redis, PendingCommands pending, FanOut fanOut, Periodic sweep) {}

    /** @param incarnation of this process: the owner of its leases, and the high part of its session ids */
    public FanoutVerticle(HeraldConfig config, Bus bus, PgClients pg, long incarnation) {
        this.config = config.commands();
        this.redisUrl = config.redis()
                .url()
                .map(Secret::value)
                .orElseThrow(() -> HeraldException.invalid("redis.url", "must be given"));
        this.bus = bus;
        this.pg = pg;
        this.incarnation = incarnation;
    }

    @Override
    public Future<?> start() {
        return RedisGateway.open(vertx, redisUrl).compose(this::serve);
    }

    /** Takes no more work, finishes the pages and requests under way, and leaves the rest to other nodes at once. */
    @Override
    public Future<?> stop() {
        Running parts = running;
        if (parts == null) {
            return Future.succeededFuture();
        }
        return Future.join(consumers.stream().map(MessageConsumer::unregister).toList())
                .eventually(requests::drain)
                .eventually(parts.sweep::stop)
                .eventually(parts.fanOut::drain)
                .eventually(parts.pending::release)
                .eventually(parts.redis::close);
    }

    private Future<?> serve(RedisGateway redis) {
        Bodies bodies = new Bodies(pg.statements());
        Inboxes inboxes = new Inboxes(redis);
        InboxReader reader = new InboxReader(inboxes, bodies);
        PendingCommands pending = new PendingCommands(pg.statements(), incarnation, config.lease(), config.pageSize());
        FanOut fanOut = new FanOut(
                pending,
                new Appends(redis, config.lease()),
                bodies,
                bus,
                incarnation,
                config.concurrency(),
                this::nudge);
        Periodic sweep = Periodic.start(vertx, "commands", config.sweepInterval(), fanOut::sweep);
        running = new Running(redis, pending, fanOut, sweep);

        serve(Addresses.INBOX_OPEN, open -> inboxes.open(open.uid(), open.deviceFlag())
                .map(cursor -> new InboxOpened(cursor, false)));
        serve(Addresses.INBOX_READ, reader::read);
        serve(Addresses.INBOX_PULL, reader::pull);
        serve(Addresses.INBOX_ACK, ack -> ack(inboxes, ack, fanOut.floor()));
        serve(Addresses.COMMANDS_PENDING, pendingNow -> {
            nudge();
            return Future.succeededFuture(Done.DONE);
        });
        nudge();
        return Future.join(consumers.stream().map(MessageConsumer::completion).toList());
    }

    private <Q extends BusMessage, R extends BusMessage> void serve(
            Address<Q, R> address, Function<Q, Future<R>> work) {
        consumers.add(bus.serve(address, request -> requests.run(() -> work.apply(request))));
    }

    private static Future<Done> ack(Inboxes inboxes, AckInbox ack, long floor) {
        if (ack.seq() < 0) {
            return Future.failedFuture(HeraldException.invalid("seq", "must not be negative"));
        }
        return inboxes.ack(ack.uid(), ack.deviceFlag(), ack.seq(), floor).map(Done.DONE);
    }

    private void nudge() {
        if (running != null) {
            running.sweep.nudge();
        }
    }
}
