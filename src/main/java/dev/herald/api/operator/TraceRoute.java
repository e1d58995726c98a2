package dev.herald.api.operator;

import dev.herald.api.http.Call;
import dev.herald.api.http.MessageId;
import dev.herald.api.http.Reply;
import dev.herald.api.http.Routes;
import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.message.PresenceMessage.PeersQuery;
import dev.herald.bus.message.SocketMessage.TraceQuery;
import dev.herald.bus.message.SocketMessage.TraceStep;
import dev.herald.command.SentCommand;
import dev.herald.endpoint.Attempts;
import dev.herald.eventlog.LoggedEvent;
import dev.herald.eventlog.MessageEvents;
import dev.herald.eventlog.MessageEvents.Acknowledgement;
import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import dev.herald.messagelog.StoredMessage;
import dev.herald.model.ChannelKey;
import dev.herald.postgres.PgClients;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Beyond WuKongIM: the way of one command or message, from the request over its commit, inboxes and sockets to webhooks.
 * Nothing is recorded for it: the logs tell their part, and the nodes what they did lately.
 */
final class TraceRoute {
    private static final String AT = "at";
    private static final String WHAT = "what";
    private static final String ACKNOWLEDGED = "acknowledged";

    /** Of a command to more, the events of others are left out. */
    private static final int MAX_DEVICES = 100;

    private final Bus bus;
    private final PgClients pg;
    private final Attempts attempts;

    TraceRoute(Bus bus, PgClients pg) {
        this.bus = bus;
        this.pg = pg;
        this.attempts = new Attempts(pg);
    }

    void mount(Routes routes) {
        routes.get("/trace/:id", this::show);
    }

    private Future<Reply> show(Call call) {
        long id = MessageId.of(call);
        return SentCommand.find(pg.transactions(), id)
                .compose(command -> command.map(this::ofCommand).orElseGet(() -> StoredMessage.find(
                                pg.transactions(), id)
                        .compose(message -> ofMessage(message.orElseThrow(() -> new HeraldException(
                                Failure.NOT_FOUND, "id: no such command or message is stored, or no longer"))))))
                .map(Reply::data);
    }

    private Future<JsonObject> ofCommand(SentCommand command) {
        List<JsonObject> steps = new ArrayList<>();
        steps.add(step(command.createdAt().toInstant(), "stored"));
        if (command.doneAt() != null) {
            steps.add(step(command.doneAt().toInstant(), "in all inboxes").put("written", command.written()));
        }
        return nodes(command.id(), steps)
                .compose(all -> MessageEvents.of(pg.transactions(), acknowledgements(all)))
                .compose(events -> webhooks(events, steps))
                .map(all -> trace("command", command.id(), command.channel(), command.clientMsgNo(), all));
    }

    private Future<JsonObject> ofMessage(StoredMessage message) {
        List<JsonObject> steps = new ArrayList<>();
        steps.add(step(message.at(), "stored").put("message_seq", message.seq()));
        return nodes(message.id(), steps)
                .compose(v -> MessageEvents.of(pg.transactions(), message.txid(), message.channelPk(), message.seq()))
                .compose(events -> webhooks(events, steps))
                .map(all -> trace("message", message.id(), message.channel(), message.clientMsgNo(), all));
    }

    /** A node that does not answer leaves a gap, as one does that has taken too many steps since. */
    private Future<List<JsonObject>> nodes(long id, List<JsonObject> steps) {
        return bus.request(Addresses.PEERS, new PeersQuery())
                .compose(found -> Future.join(AdminRoutes.living(found)
                        .map(node -> bus.request(node, Addresses.NODE_TRACE, new TraceQuery(id))
                                .onSuccess(told -> told.steps().forEach(step -> steps.add(json(node, step)))))
                        .toList()))
                .transform(done -> Future.succeededFuture(steps));
    }

    /** The first of each device, of the first devices. */
    static List<Acknowledgement> acknowledgements(List<JsonObject> steps) {
        record Device(String uid, int flag) {}
        Map<Device, Acknowledgement> first = new LinkedHashMap<>();
        steps.stream().filter(step -> step.getString(WHAT).equals(ACKNOWLEDGED)).forEach(step -> {
            String uid = step.getString("uid");
            int flag = step.getInteger("device_flag");
            first.putIfAbsent(new Device(uid, flag), new Acknowledgement(uid, flag, Instant.parse(step.getString(AT))));
        });
        return first.values().stream().limit(MAX_DEVICES).toList();
    }

    private Future<List<JsonObject>> webhooks(List<LoggedEvent> events, List<JsonObject> steps) {
        if (events.isEmpty()) {
            return Future.succeededFuture(steps);
        }
        Instant begun = events.stream()
                .map(LoggedEvent::createdAt)
                .min(Comparator.naturalOrder())
                .orElseThrow();
        return attempts.since(begun)
                .compose(made -> Future.all(events.stream()
                        .map(event -> webhooks(event, made, steps))
                        .toList()))
                .map(steps);
    }

    private Future<Set<Long>> webhooks(LoggedEvent event, List<Attempts.OfEndpoint> made, List<JsonObject> steps) {
        steps.add(step(event.createdAt(), "event").put("event", event.id()).put("type", event.type()));
        return MessageEvents.upTo(pg.transactions(), event).onSuccess(before -> made.stream()
                .filter(attempt -> attempt.carries(event, before))
                .forEach(attempt -> steps.add(json(attempt))));
    }

    private static JsonObject json(Attempts.OfEndpoint attempt) {
        return step(attempt.made().at(), "webhook")
                .put("endpoint", attempt.endpoint())
                .put("request", attempt.made().request())
                .put("attempt", attempt.made().attempt())
                .put("delivered", Reply.bit(attempt.made().delivered()))
                .put("status", attempt.made().status())
                .put("latency_ms", attempt.made().latencyMillis());
    }

    private static JsonObject json(long node, TraceStep step) {
        JsonObject shown = step(Instant.ofEpochMilli(step.atMs()), step.what()).put("node", node);
        if (!step.request().isEmpty()) {
            return shown.put("request", step.request());
        }
        return step.uid().isEmpty()
                ? shown.put("receivers", step.receivers())
                : shown.put("uid", step.uid()).put("device_flag", step.deviceFlag());
    }

    private static JsonObject step(Instant at, String what) {
        return new JsonObject().put(AT, at.toString()).put(WHAT, what);
    }

    private static JsonObject trace(
            String kind, long id, ChannelKey channel, String clientMsgNo, List<JsonObject> steps) {
        steps.sort(Comparator.comparing(step -> Instant.parse(step.getString(AT))));
        return new JsonObject()
                .put("kind", kind)
                .put("message_id", id)
                .put("message_idstr", Long.toString(id))
                .put("client_msg_no", clientMsgNo)
                .put("channel_id", channel.id())
                .put("channel_type", channel.type())
                .put("steps", new JsonArray(steps));
    }
}
