package dev.herald.presence.reconcile;

import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.message.PresenceMessage.VerifyUsers;
import dev.herald.presence.node.InTime;
import dev.herald.presence.node.Node;
import dev.herald.presence.session.Residents;
import dev.herald.presencelog.PresenceLog;
import dev.herald.presencelog.PresenceLog.Standing;
import dev.herald.redis.UserKeys;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Looks for those of whom the registry has a session or an edge though they were not told to be online. Nothing else
 * leads to them if a node died together with the Redis master that had its list of users.
 */
final class RegistryWalk implements ClusterWalk.Steps {
    /** Looked at in one call, which takes Redis less than a millisecond. */
    private static final int KEYS = 1_000;

    private static final Standing UNKNOWN = new Standing(false, 0, 0);

    private final Bus bus;
    private final SqlClient pg;
    private final Node node;
    private final Residents residents;
    private final Examiner examiner;

    RegistryWalk(Bus bus, SqlClient pg, Node node, Residents residents, Examiner examiner) {
        this.bus = bus;
        this.pg = pg;
        this.node = node;
        this.residents = residents;
        this.examiner = examiner;
    }

    @Override
    public Future<Optional<String>> after(String place) {
        return InTime.of(node.redis().keys(UserKeys.SESSIONS_AND_EDGES, place, KEYS))
                .compose(page -> notToldOnline(page.keys().stream().map(UserKeys::uidOf))
                        .compose(uids -> uids.isEmpty() ? Future.succeededFuture() : look(uids))
                        .map(looked -> Optional.of(page.next()).filter(next -> !next.isEmpty())));
    }

    private Future<List<String>> notToldOnline(Stream<String> found) {
        List<String> uids = found.filter(uid -> !residents.has(uid)).distinct().toList();
        Future<Map<String, Standing>> told =
                uids.isEmpty() ? Future.succeededFuture(Map.of()) : PresenceLog.standings(pg, uids);
        return told.map(standings -> uids.stream()
                .filter(uid -> !standings.getOrDefault(uid, UNKNOWN).online())
                .toList());
    }

    /** Only the node that a session is said to be on knows whether it is; one that is not heard is asked next time. */
    private Future<?> look(List<String> uids) {
        Set<Long> unheard = bus.unreachable();
        return examiner.examine(uids).compose(examined -> node.peers().look()).compose(view -> Future.join(
                        view.others().stream()
                                .filter(other -> !unheard.contains(other))
                                .map(other -> bus.request(other, Addresses.SESSIONS_VERIFY, new VerifyUsers(uids)))
                                .toList())
                .otherwiseEmpty());
    }
}
