package dev.herald.api.operator;

import dev.herald.api.http.Call;
import dev.herald.api.http.Fields;
import dev.herald.api.http.Reply;
import dev.herald.api.http.Routes;
import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.message.InboxMessage.RebuildInboxes;
import dev.herald.bus.message.OpsMessage.NodeQuery;
import dev.herald.bus.message.OpsMessage.NodeReport;
import dev.herald.bus.message.PresenceMessage.Difference;
import dev.herald.bus.message.PresenceMessage.Differences;
import dev.herald.bus.message.PresenceMessage.EvictNode;
import dev.herald.bus.message.PresenceMessage.Peer;
import dev.herald.bus.message.PresenceMessage.PeerList;
import dev.herald.bus.message.PresenceMessage.PeersQuery;
import dev.herald.bus.message.PresenceMessage.VerifyUsers;
import dev.herald.bus.message.SocketMessage.ListConnections;
import dev.herald.command.FanOutLeases;
import dev.herald.endpoint.LaneLeases;
import dev.herald.model.Uid;
import dev.herald.presencelog.PresenceLog;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.SqlClient;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Beyond WuKongIM: what operators see of the nodes, and what they can have done. It is here, behind the API's token, and
 * not on the management port, which asks for no proof and so may only tell.
 */
final class AdminRoutes {
    private static final int MAX_USERS = 1_000;
    private static final int DEFAULT_PAGE = 200;

    private final Bus bus;
    private final SqlClient pg;

    AdminRoutes(Bus bus, SqlClient pg) {
        this.bus = bus;
        this.pg = pg;
    }

    void mount(Routes routes) {
        routes.get("/admin/nodes", this::nodes);
        routes.post("/admin/evict", this::evict);
        routes.post("/admin/rebuild", this::rebuild);
        routes.query("/admin/verify", this::verify);
    }

    private Future<Reply> nodes(Call call) {
        Future<Map<Long, Long>> lanes = LaneLeases.held(pg);
        Future<Map<Long, Long>> commands = FanOutLeases.held(pg);
        return bus.request(Addresses.PEERS, new PeersQuery()).compose(found -> Future.all(found.peers().stream()
                        .map(peer -> node(peer, lanes, commands))
                        .toList())
                .map(all -> Reply.data(JsonObject.of("nodes", new JsonArray(all.<JsonObject>list())))));
    }

    /** What a node that does not answer would have said is left out. */
    private Future<JsonObject> node(Peer peer, Future<Map<Long, Long>> lanes, Future<Map<Long, Long>> commands) {
        JsonObject shown = new JsonObject()
                .put("node", peer.incarnation())
                .put("name", peer.name())
                .put("lease", peer.lease().isEmpty() ? "ended" : peer.lease())
                .put("lease_ms", peer.leaseMs())
                .put("users", peer.users());
        Future<?> answered = bus.request(peer.incarnation(), Addresses.NODE_REPORT, new NodeQuery())
                .onSuccess(report -> shown.mergeIn(report(report)))
                .otherwiseEmpty();
        Future<?> counted = bus.request(peer.incarnation(), Addresses.SOCKETS_LIST, ListConnections.TOTAL)
                .onSuccess(list -> shown.put("sessions", list.total()))
                .otherwiseEmpty();
        return Future.all(lanes, commands, answered, counted)
                .map(all -> shown.put("answers", Reply.bit(shown.containsKey("ready")))
                        .put("lanes", lanes.result().getOrDefault(peer.incarnation(), 0L))
                        .put("fan_outs", commands.result().getOrDefault(peer.incarnation(), 0L)));
    }

    private static JsonObject report(NodeReport report) {
        JsonObject parts = new JsonObject();
        report.states().forEach(parts::put);
        return new JsonObject()
                .put("ready", Reply.bit(report.ready()))
                .put("started_at", Instant.ofEpochMilli(report.startedAt()).toString())
                .put("heap_used", report.heapUsed())
                .put("heap_max", report.heapMax())
                .put("parts", parts);
    }

    private Future<Reply> evict(Call call) {
        long node = call.read(fields -> fields.number("node", 1, Long.MAX_VALUE));
        return bus.request(Addresses.NODE_EVICT, new EvictNode(node)).map(evicted -> Reply.ok());
    }

    /** Asking for all of them takes an empty object, so that nobody does it by accident. */
    private Future<Reply> rebuild(Call call) {
        List<String> uids = call.read(AdminRoutes::uids);
        return bus.request(Addresses.INBOX_REBUILD, new RebuildInboxes(uids)).map(done -> Reply.ok());
    }

    private Future<Reply> verify(Call call) {
        record Wanted(List<String> uids, String after, int limit) {}
        Wanted wanted = call.read(fields -> new Wanted(
                uids(fields),
                fields.text("after", Uid.MAX_BYTES),
                fields.integer("limit", 1, MAX_USERS, DEFAULT_PAGE)));
        Future<List<String>> page = wanted.uids.isEmpty()
                ? PresenceLog.uids(pg, wanted.after, wanted.limit)
                : Future.succeededFuture(wanted.uids);
        return page.compose(uids -> compare(uids)
                .map(seen -> Reply.data(JsonObject.of(
                        "checked",
                        uids.size(),
                        "differences",
                        new JsonArray(seen.found.stream().map(AdminRoutes::json).toList()),
                        "unanswered",
                        new JsonArray(seen.unanswered),
                        "next",
                        wanted.uids.isEmpty() && uids.size() == wanted.limit ? uids.getLast() : ""))));
    }

    /** @param unanswered incarnations of those that hold a lease and said nothing: what only they know is not compared */
    private record Compared(Set<Difference> found, List<Long> unanswered) {}

    /** Of every node that lives, since only it knows its sockets; and of the inboxes, which any node can compare. */
    private Future<Compared> compare(List<String> uids) {
        VerifyUsers question = new VerifyUsers(uids);
        Compared seen = new Compared(new LinkedHashSet<>(), new ArrayList<>());
        return bus.request(Addresses.PEERS, new PeersQuery()).compose(known -> {
            Future<Differences> inboxes = bus.request(Addresses.INBOX_VERIFY, question);
            return Future.join(living(known)
                            .map(node -> bus.request(node, Addresses.SESSIONS_VERIFY, question)
                                    .onSuccess(answer -> seen.found.addAll(answer.list()))
                                    .onFailure(cause -> seen.unanswered.add(node)))
                            .toList())
                    .transform(sessions -> inboxes)
                    .onSuccess(answer -> seen.found.addAll(answer.list()))
                    .map(seen);
        });
    }

    /** Incarnations of those that hold a lease. */
    static Stream<Long> living(PeerList known) {
        return known.peers().stream()
                .filter(peer -> !peer.lease().isEmpty())
                .map(Peer::incarnation)
                .distinct();
    }

    private static JsonObject json(Difference found) {
        return JsonObject.of("kind", found.kind(), "uid", found.uid(), "detail", found.detail());
    }

    private static List<String> uids(Fields fields) {
        return List.copyOf(fields.uids("uids", MAX_USERS));
    }
}
