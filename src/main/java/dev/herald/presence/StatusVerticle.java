package dev.herald.presence;

import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.message.Done;
import dev.herald.bus.message.PresenceMessage.Activity;
import dev.herald.bus.message.PresenceMessage.StatusQuery;
import dev.herald.bus.message.PresenceMessage.Statuses;
import dev.herald.config.HeraldConfig;
import dev.herald.failure.HeraldException;
import dev.herald.lifecycle.InFlight;
import dev.herald.postgres.PgClients;
import dev.herald.redis.RedisGateway;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.eventbus.MessageConsumer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Answers how users stand, beside the verticle that changes it, so that no question holds up a login. */
public final class StatusVerticle extends VerticleBase {
    private static final int MAX_USERS = 1_000;

    private final HeraldConfig config;
    private final Bus bus;
    private final PgClients pg;
    private final InFlight queries = new InFlight(RedisGateway.MAX_IN_FLIGHT);
    private List<MessageConsumer<?>> consumers = List.of();
    private @Nullable RedisGateway redis;

    public StatusVerticle(HeraldConfig config, Bus bus, PgClients pg) {
        this.config = config;
        this.bus = bus;
        this.pg = pg;
    }

    @Override
    public Future<?> start() {
        String url = config.redis()
                .url()
                .orElseThrow(() -> new IllegalStateException("redis.url is not set"))
                .value();
        return RedisGateway.open(vertx, url).compose(connected -> {
            redis = connected;
            UserStatuses statuses = new UserStatuses(
                    connected, pg.statements(), config.presence().activeWithin());
            consumers = List.of(
                    bus.serve(Addresses.STATUS_QUERY, query -> answer(statuses, query)),
                    bus.serve(Addresses.ACTIVITY, activity -> note(statuses, activity)));
            return Future.all(
                    consumers.stream().map(MessageConsumer::completion).toList());
        });
    }

    @Override
    public Future<?> stop() {
        return Future.join(consumers.stream().map(MessageConsumer::unregister).toList())
                .eventually(queries::drain)
                .eventually(() -> redis == null ? Future.succeededFuture() : redis.close());
    }

    private Future<Statuses> answer(UserStatuses statuses, StatusQuery query) {
        if (query.uids().size() > MAX_USERS) {
            throw HeraldException.invalid("users", "must not be more than " + MAX_USERS);
        }
        List<String> uids = query.uids().stream().distinct().toList();
        return queries.run(() -> statuses.of(uids)).map(Statuses::new);
    }

    /** What is lost here is told again by the next activity. */
    private Future<Done> note(UserStatuses statuses, Activity activity) {
        return queries.run(() -> statuses.touch(activity.lastMs(), System.currentTimeMillis()))
                .map(Done.DONE);
    }
}
