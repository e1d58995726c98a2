package dev.herald.presence.session;

import dev.herald.bus.message.PresenceMessage.EndReason;
import dev.herald.config.HeraldConfig;
import dev.herald.presence.registry.Grace;
import dev.herald.presencelog.PriorityUsers;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Which users are a priority: told offline sooner, and looked at more often than others. */
public final class Tiers {
    private static final int PAGE = 1_000;

    private final HeraldConfig.Presence config;
    private Set<String> priority;

    Tiers(HeraldConfig.Presence config) {
        this.config = config;
        this.priority = configured();
    }

    /** Learns whom back ends have made a priority. */
    public Future<Void> refresh(SqlClient pg) {
        return refresh(pg, "", configured());
    }

    /** How long an offline of the user is held, which depends on how the session ended: some ends are no accident. */
    Grace grace(String uid, EndReason reason) {
        return switch (reason) {
            case CLOSE, TIMEOUT ->
                new Grace(isPriority(uid) ? config.tiers().priority().grace() : config.grace(), config.maxHold());
            case DRAINED -> new Grace(config.drainGrace(), config.drainGrace());
            case KICKED, REPLACED, NODE_LOST, RECONCILED -> Grace.NONE;
        };
    }

    public boolean isPriority(String uid) {
        return priority.contains(uid);
    }

    public Set<String> priority() {
        return priority;
    }

    private Set<String> configured() {
        return new HashSet<>(config.tiers().priority().uids().orElse(List.of()));
    }

    private Future<Void> refresh(SqlClient pg, String after, Set<String> users) {
        return PriorityUsers.list(pg, after, PAGE).compose(page -> {
            users.addAll(page);
            if (page.size() == PAGE) {
                return refresh(pg, page.getLast(), users);
            }
            priority = users;
            return Future.succeededFuture();
        });
    }
}
