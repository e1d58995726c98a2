package dev.herald.webhook.post;

import dev.herald.account.SystemAccounts;
import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.message.Done;
import dev.herald.bus.message.PresenceMessage.OnlineQuery;
import dev.herald.channel.Channels;
import dev.herald.config.HeraldConfig.Webhook.OfflineRule;
import dev.herald.eventlog.EventLog;
import dev.herald.eventlog.EventLog.NewEvent;
import dev.herald.eventlog.EventType;
import dev.herald.eventlog.LoggedEvent;
import dev.herald.lifecycle.Portions;
import dev.herald.model.ChannelKey;
import dev.herald.model.Expiry;
import dev.herald.model.Uid;
import dev.herald.postgres.Columns;
import dev.herald.postgres.PgClients;
import dev.herald.webhook.lane.Batch;
import dev.herald.webhook.lane.Leases.Lease;
import dev.herald.webhook.post.Outcome.Kind;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reads what was sent and records for whom it waits: a reader of the log like any endpoint, so that no sender waits for it
 * and a crash loses nothing. An event that was recorded before is not recorded again.
 */
public final class OfflineNotices implements Post {
    /** Users in one event. */
    static final int CHUNK = 500;

    /** Events that are recorded in one transaction, more only of one message. */
    public static final int AT_ONCE = 40;

    private static final int PAGE = 5_000;

    /** Users asked about in one call. */
    private static final int QUERY = 5_000;

    private static final Outcome RECORDED = new Outcome(Kind.DELIVERED, "recorded", Optional.empty(), "");

    private static final String SENDERS = """
            select m.channel, m.seq, m.from_uid
            from unnest($1::bigint[], $2::bigint[]) as wanted(channel, seq) join message m using (channel, seq)""";

    private final PgClients pg;
    private final Channels channels;
    private final SystemAccounts systemAccounts;
    private final Bus bus;
    private final OfflineRule rule;

    OfflineNotices(PgClients pg, Bus bus, OfflineRule rule) {
        this.pg = pg;
        this.channels = new Channels(pg, false);
        this.systemAccounts = new SystemAccounts(pg);
        this.bus = bus;
        this.rule = rule;
    }

    /** A message and who should have it. */
    private record Sent(LoggedEvent event, JsonObject data, String from, List<String> receivers) {}

    @Override
    public Future<Delivery> deliver(Batch batch, Lease lease) {
        long begun = System.nanoTime();
        Map<Long, Future<List<String>>> members = new HashMap<>();
        return senders(batch.events())
                .compose(senders -> Future.join(batch.events().stream()
                        .map(event -> sent(event, senders, members))
                        .toList()))
                .map(all -> all.<Optional<Sent>>list().stream()
                        .flatMap(Optional::stream)
                        .toList())
                .compose(sent -> online(sent).compose(online -> record(sent.iterator(), online)))
                .onSuccess(v -> bus.tell(Addresses.EVENTS_PENDING, Done.DONE))
                .map(v -> new Delivery(batch, RECORDED, List.of(), true, Duration.ofNanos(System.nanoTime() - begun)))
                .otherwise(cause -> new Delivery(
                        batch,
                        Outcome.noAnswer(String.valueOf(cause.getMessage())),
                        List.of(),
                        true,
                        Duration.ofNanos(System.nanoTime() - begun)));
    }

    @Override
    public Future<Void> close() {
        return Future.succeededFuture();
    }

    private Future<Map<List<Long>, String>> senders(List<LoggedEvent> events) {
        List<JsonObject> stored = events.stream()
                .filter(event -> event.type().equals(EventType.MESSAGE_NOTIFY.value()))
                .map(event -> (JsonObject) event.data())
                .toList();
        Tuple places = Columns.of(stored)
                .longs(data -> data.getLong("channel"))
                .longs(data -> data.getLong("seq"))
                .tuple();
        return pg.statements().preparedQuery(SENDERS).execute(places).map(rows -> {
            Map<List<Long>, String> found = new HashMap<>();
            for (Row row : rows) {
                found.put(List.of(row.getLong("channel"), row.getLong("seq")), row.getString("from_uid"));
            }
            return found;
        });
    }

    /** Empty for a message that is gone, or over. */
    private Future<Optional<Sent>> sent(
            LoggedEvent event, Map<List<Long>, String> senders, Map<Long, Future<List<String>>> members) {
        JsonObject data = (JsonObject) event.data();
        JsonObject whole = data.getJsonObject("message");
        String from = whole != null
                ? whole.getString("from_uid")
                : senders.get(List.of(data.getLong("channel"), data.getLong("seq")));
        boolean isOver = whole != null && Expiry.isOver(whole.getLong("timestamp", 0L), whole.getLong("expire", 0L));
        if (from == null || isOver) {
            return Future.succeededFuture(Optional.empty());
        }
        Future<List<String>> receivers = data.getInteger("channel_type") == ChannelKey.PERSON
                ? Future.succeededFuture(List.of(data.getString("channel_id")))
                : members.computeIfAbsent(data.getLong("channel"), pk -> members(pk, "", new ArrayList<>()));
        return receivers.map(uids -> Optional.of(new Sent(
                event,
                data,
                from,
                uids.stream()
                        .filter(uid -> !uid.equals(from) && !uid.equals(Uid.SYSTEM))
                        .toList())));
    }

    private Future<List<String>> members(long channel, String after, List<String> found) {
        return channels.members(channel, after, PAGE).compose(page -> {
            found.addAll(page);
            return page.size() < PAGE ? Future.succeededFuture(found) : members(channel, page.getLast(), found);
        });
    }

    /** For whom no message waits: who is online by the rule, and system accounts. */
    private Future<Set<String>> online(List<Sent> sent) {
        List<String> uids = sent.stream()
                .flatMap(each -> each.receivers().stream())
                .distinct()
                .toList();
        return systemAccounts.all().compose(accounts -> {
            Set<String> found = new HashSet<>(accounts);
            return Portions.inTurn(uids, QUERY, part -> online(part, found)).map(found);
        });
    }

    private Future<?> online(List<String> uids, Set<String> found) {
        return bus.request(Addresses.ONLINE_QUERY, new OnlineQuery(uids)).onSuccess(answer -> answer.rows().stream()
                .filter(row -> rule == OfflineRule.NO_DEVICE || row.master())
                .forEach(row -> found.add(row.uid())));
    }

    /**
     * In several transactions, but all of a message in one: who is in which of its events depends on who is online, so a
     * second try after half of them would leave users out.
     */
    private Future<Void> record(Iterator<Sent> sent, Set<String> online) {
        List<NewEvent> events = new ArrayList<>();
        while (sent.hasNext() && events.size() < AT_ONCE) {
            events.addAll(events(sent.next(), online));
        }
        return EventLog.append(pg.transactions(), events)
                .compose(done -> sent.hasNext() ? record(sent, online) : Future.succeededFuture());
    }

    private static List<NewEvent> events(Sent sent, Set<String> online) {
        List<NewEvent> events = new ArrayList<>();
        List<String> away =
                sent.receivers().stream().filter(uid -> !online.contains(uid)).toList();
        for (int from = 0; from < away.size(); from += CHUNK) {
            List<String> chunk = away.subList(from, Math.min(away.size(), from + CHUNK));
            events.add(new NewEvent(
                    EventType.MESSAGE_OFFLINE.value(),
                    sent.event().key(),
                    sent.data().copy().put("to_uids", new JsonArray(new ArrayList<>(chunk))),
                    "offline:" + sent.event().at().id() + ":" + from / CHUNK));
        }
        return events;
    }
}
