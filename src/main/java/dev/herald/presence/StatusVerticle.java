package dev.herald.presence;

import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.Service;
import dev.herald.bus.message.Done;
import dev.herald.bus.message.PresenceMessage.Activity;
import dev.herald.bus.message.PresenceMessage.FollowUsers;
import dev.herald.bus.message.PresenceMessage.StatusQuery;
import dev.herald.bus.message.PresenceMessage.Statuses;
import dev.herald.bus.message.PresenceMessage.UserStates;
import dev.herald.config.HeraldConfig;
import dev.herald.failure.HeraldException;
import dev.herald.lifecycle.InFlight;
import dev.herald.postgres.PgClients;
import dev.herald.presence.status.StatusFeed;
import dev.herald.presence.status.UserStatuses;
import dev.herald.redis.RedisGateway;
import io.micrometer.core.instrument.Metrics;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Answers how users stand and tells of changes, beside the verticle that makes them, so that no question holds up a login. */
public final class StatusVerticle extends VerticleBase {
    private static final int MAX_USERS = 1_000;

    /** Three times as long as sockets wait before they ask again. */
    private static final Duration IDLE_AFTER = Duration.ofSeconds(30);

    private final HeraldConfig config;
    private final Bus bus;
    private final Service service;
    private final PgClients pg;
    private final InFlight queries = new InFlight(RedisGateway.MAX_IN_FLIGHT);
    private @Nullable RedisGateway redis;
    private @Nullable StatusFeed feed;

    public StatusVerticle(HeraldConfig config, Bus bus, PgClients pg) {
        this.config = config;
        this.bus = bus;
        this.service = new Service(bus);
        this.pg = pg;
    }

    @Override
    public Future<?> start() {
        return RedisGateway.open(vertx, config.redis().url().orElseThrow().value())
                .compose(connected -> {
                    redis = connected;
                    UserStatuses statuses = new UserStatuses(
                            connected, pg.statements(), config.presence().activeWithin());
                    StatusFeed following = new StatusFeed(
                            vertx,
                            pg.statements(),
                            IDLE_AFTER,
                            changed -> bus.publish(Addresses.STATES_CHANGED, changed),
                            Metrics.globalRegistry);
                    feed = following;
                    return service.serve(Addresses.STATES_FOLLOW, asked -> follow(following, statuses, asked))
                            .hear(Addresses.PRESENCE_CHANGED, changed -> following.wake())
                            .serve(Addresses.STATUS_QUERY, query -> answer(statuses, query))
                            .serve(Addresses.ACTIVITY, activity -> note(statuses, activity))
                            .ready();
                });
    }

    @Override
    public Future<?> stop() {
        return service.close()
                .eventually(() -> feed == null ? Future.succeededFuture() : feed.stop())
                .eventually(queries::drain)
                .eventually(() -> redis == null ? Future.succeededFuture() : redis.close());
    }

    private Future<Statuses> answer(UserStatuses statuses, StatusQuery query) {
        List<String> uids = bounded(query.uids());
        return queries.run(() -> statuses.of(uids)).map(Statuses::new);
    }

    private Future<UserStates> follow(StatusFeed following, UserStatuses statuses, FollowUsers asked) {
        List<String> uids = bounded(asked.uids());
        return queries.run(() -> following.follow(uids).compose(statuses::withActivity));
    }

    private static List<String> bounded(List<String> uids) {
        if (uids.size() > MAX_USERS) {
            throw HeraldException.invalid("users", "must not be more than " + MAX_USERS);
        }
        return uids.stream().distinct().toList();
    }

    /** What is lost here is told again by the next activity. */
    private Future<Done> note(UserStatuses statuses, Activity activity) {
        return queries.run(() -> statuses.touch(activity.lastMs(), System.currentTimeMillis()))
                .map(Done.DONE);
    }
}
