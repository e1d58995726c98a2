package dev.herald.messaging.commit;

import dev.herald.bus.message.MessagingMessage.MessageSent;
import dev.herald.eventlog.EventLog;
import dev.herald.eventlog.EventLog.NewEvent;
import dev.herald.messaging.judge.Accepted;
import dev.herald.messaging.judge.ChannelRow;
import dev.herald.messaging.judge.Pending.RepeatKey;
import dev.herald.model.ChannelKey;
import dev.herald.model.Delivery;
import dev.herald.model.Reason;
import dev.herald.postgres.Columns;
import dev.herald.postgres.PgClients;
import dev.herald.postgres.Rows;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/** The message log in PostgreSQL: whole batches per statement, sequences without gap or repeat. */
public final class MessageStore {
    /**
     * Everything of a batch in one statement, so that it costs one journey and one commit. It does nothing if a channel is
     * not at the revision that the batch was judged by, which is compared once more under the lock: the row may have changed
     * while the statement waited for it. It waits for no row longer than it is told to. What was stored before is found by
     * its number; the rest takes its sequences and is stored. The rows of the channels are locked in one order, so that two nodes never wait for each
     * other in a circle. A sender's own row learns what it sent last, by a conflict that is certain, since an update could
     * be planned to read a small table whole; those of the other members are not touched: once a day at most they are
     * told that the channel is alive, and not here.
     */
    private static final String STORE = """
            with judged as materialized (
                select k.n from unnest($1::text[], $2::smallint[], $3::bigint[], $4::bigint[])
                    with ordinality as k(id, type, pk, revision, n)
                left join channel c on c.channel_id = k.id and c.channel_type = k.type
                where c.pk is distinct from k.pk or c.revision is distinct from k.revision
            ), sent as materialized (
                select * from unnest($5::bigint[], $6::text[], $7::text[], $8::smallint[], $9::smallint[], $10::bigint[],
                        $11::text[], $12::bytea[]) with ordinality
                    as s(channel, from_uid, client_msg_no, flags, setting, expire, topic, payload, n)
                where not exists (select from judged)
            ), before as materialized (
                select s.n, m.seq, m.id, floor(extract(epoch from m.created_at))::bigint as at,
                    m.created_at > now() - interval '1 minute' and (m.expires_at is null or m.expires_at > now()) as young
                from sent s
                join message m on m.channel = s.channel and m.client_msg_no = s.client_msg_no and m.from_uid = s.from_uid
            ), fresh as materialized (
                select s.*, row_number() over (partition by s.channel order by s.n) as nth
                from sent s where s.n not in (select n from before)
            ), counted as materialized (
                select channel, count(*) as n from fresh group by channel
            ), locked as materialized (
                select pk, revision, last_at from channel where pk = any(array(select channel from counted))
                    and (select set_config('lock_timeout', $13::text, true)) is not null
                order by pk for no key update
            ), moved as materialized (
                select k.n from locked
                join unnest($3::bigint[], $4::bigint[]) with ordinality as k(pk, revision, n) on k.pk = locked.pk
                where k.revision <> locked.revision
            ), taken as (
                update channel c set last_seq = c.last_seq + counted.n,
                    last_at = now(), first_at = coalesce(c.first_at, now()),
                    spread_due = c.spread_due or c.spread_at < now() - interval '1 day'
                from counted join locked on locked.pk = counted.channel
                where c.pk = counted.channel and not exists (select from moved)
                returning c.pk, c.last_seq - counted.n as base,
                    coalesce(locked.last_at < now() - interval '30 seconds', true) as rested
            ), senders as (
                insert into member (channel, uid, since, sent_seq)
                select s.channel, s.from_uid, m.since, s.seq
                from (select f.channel, f.from_uid, max(taken.base + f.nth) as seq
                    from fresh f join taken on taken.pk = f.channel group by f.channel, f.from_uid) s
                cross join lateral (
                    select since from member where channel = s.channel and uid = s.from_uid and until is null limit 1) m
                on conflict (channel, uid) where until is null do update set sent_seq = excluded.sent_seq
            ), stored as (
                insert into message
                    (channel, seq, from_uid, client_msg_no, flags, setting, expire, expires_at, topic, payload)
                select f.channel, taken.base + f.nth, f.from_uid, f.client_msg_no, f.flags, f.setting, f.expire,
                    case when f.expire > 0 then now() + f.expire * interval '1 second' end, f.topic, f.payload
                from fresh f join taken on taken.pk = f.channel
                order by f.n
                returning channel, seq, id, floor(extract(epoch from created_at))::bigint as at
            )
            select f.n, stored.seq, stored.id, stored.at, false as again, f.nth = 1 and taken.rested as news
                from stored join taken on taken.pk = stored.channel
                join fresh f on f.channel = stored.channel and f.nth = stored.seq - taken.base
            union all select n, seq, id, at, true, young from before
            union all select n, null, null, null, null, null from judged
            union all select n, null, null, null, null, null from moved""";

    /**
     * For a transaction that is to wait for its turns no longer than for its rows, and to keep others waiting no longer than
     * they can stand, though its node is frozen.
     */
    private static final String HURRY = """
            select set_config('lock_timeout', $1, true), set_config('idle_in_transaction_session_timeout', '2000', true)""";

    private static final String REPEATS = """
            select k.id as channel_id, k.type as channel_type, m.from_uid, m.client_msg_no, m.id, m.seq
            from unnest($1::text[], $2::smallint[], $3::text[], $4::text[]) as k(id, type, from_uid, client_msg_no)
            join channel c on c.channel_id = k.id and c.channel_type = k.type
            join message m on m.channel = c.pk and m.client_msg_no = k.client_msg_no and m.from_uid = k.from_uid""";

    private static final String IDS = "select nextval('message_id') from generate_series(1, $1)";

    private final PgClients pg;
    private final BooleanSupplier recordEvents;
    private final String patience;

    /**
     * @param recordEvents true if somebody may be told of messages
     * @param patience how long a batch may wait for what somebody else holds until it is refused
     */
    public MessageStore(PgClients pg, BooleanSupplier recordEvents, Duration patience) {
        this.pg = pg;
        this.recordEvents = recordEvents;
        this.patience = patience.toMillis() + "ms";
    }

    /**
     * What became of a batch.
     *
     * @param places in the order of the batch; none if anything is outdated
     * @param outdated channels that are not as the batch was judged by; nothing was stored
     */
    record Outcome(List<Stored> places, List<ChannelKey> outdated) {}

    /** Those that were stored before, with the answer that they got then. */
    Future<Map<RepeatKey, MessageSent>> repeats(Collection<RepeatKey> keys) {
        if (keys.isEmpty()) {
            return Future.succeededFuture(Map.of());
        }
        Tuple arrays = Columns.of(keys)
                .texts(key -> key.stored().id())
                .shorts(key -> key.stored().type())
                .texts(RepeatKey::fromUid)
                .texts(RepeatKey::clientMsgNo)
                .tuple();
        return pg.statements().preparedQuery(REPEATS).execute(arrays).map(rows -> Rows.stream(rows)
                .collect(Collectors.toMap(
                        row -> new RepeatKey(keyOf(row), row.getString("from_uid"), row.getString("client_msg_no")),
                        row -> new MessageSent(Reason.SUCCESS, row.getLong("id"), row.getLong("seq")))));
    }

    /** Ids for messages that are delivered without being stored. */
    Future<List<Long>> ids(int count) {
        return count == 0
                ? Future.succeededFuture(List.of())
                : pg.statements()
                        .preparedQuery(IDS)
                        .execute(Tuple.of(count))
                        .map(rows -> Rows.list(rows, row -> row.getLong(0)));
    }

    /** Of what is not stored the back end is told only that receivers are offline; if that is lost, so is no message. */
    Future<Void> recordPassed(List<Accepted> passed, List<Delivery> deliveries) {
        if (!recordEvents.getAsBoolean()) {
            return Future.succeededFuture();
        }
        return EventLog.append(pg.transactions(), BatchEvents.passed(passed, deliveries));
    }

    /**
     * Commits all of them with their events or none; none, with {@code lock_not_available}, if it would have to wait.
     *
     * @param judgedBy every channel that the batch was judged by, also those of messages that were refused
     */
    Future<Outcome> store(List<Accepted> batch, Map<ChannelKey, Optional<ChannelRow>> judgedBy) {
        return recordEvents.getAsBoolean()
                ? pg.transactions()
                        .withTransaction(tx -> storeInTurn(tx, batch, judgedBy)
                                .compose(outcome -> EventLog.append(tx, BatchEvents.stored(batch, outcome.places()))
                                        .map(v -> outcome)))
                        .map(Objects::requireNonNull)
                : store(pg.transactions(), batch, judgedBy);
    }

    /** The turns cost no journey of their own: what follows is sent before they are granted. */
    private Future<Outcome> storeInTurn(
            SqlClient tx, List<Accepted> batch, Map<ChannelKey, Optional<ChannelRow>> judgedBy) {
        Future<?> hurried = tx.preparedQuery(HURRY).execute(Tuple.of(patience));
        Future<Void> turns = EventLog.takeTurns(
                tx,
                batch.stream().map(each -> NewEvent.channelKey(each.channel().pk())));
        Future<Outcome> stored = store(tx, batch, judgedBy);
        return hurried.compose(v -> turns).compose(taken -> stored);
    }

    private Future<Outcome> store(
            SqlClient client, List<Accepted> batch, Map<ChannelKey, Optional<ChannelRow>> judgedBy) {
        List<ChannelKey> keys = List.copyOf(judgedBy.keySet());
        Tuple judged = Columns.behind(keyColumns(keys), judgedBy.values())
                .longs(row -> row.map(ChannelRow::pk).orElse(null))
                .longs(row -> row.map(ChannelRow::revision).orElse(null))
                .tuple();
        Tuple columns = Columns.behind(judged, batch)
                .longs(each -> each.channel().pk())
                .texts(each -> each.pending().message().fromUid())
                .texts(each -> each.pending().message().clientMsgNo())
                .shorts(each -> each.pending().message().header().bits())
                .shorts(each -> each.pending().message().setting())
                .longs(each -> each.pending().message().expireSeconds())
                .texts(each -> each.pending().message().topic())
                .bytes(each -> Buffer.buffer(each.pending().message().payload().bytes()))
                .tuple()
                .addString(patience);
        return client.preparedQuery(STORE).execute(columns).map(found -> outcome(found, keys, batch.size()));
    }

    private static Outcome outcome(Iterable<Row> rows, List<ChannelKey> keys, int size) {
        Stored[] places = new Stored[size];
        List<ChannelKey> outdated = new ArrayList<>();
        for (Row row : rows) {
            int place = Math.toIntExact(row.getLong(0) - 1);
            Long seq = row.getLong(1);
            if (seq == null) {
                outdated.add(keys.get(place));
            } else {
                places[place] = new Stored(row.getLong(2), seq, row.getLong(3), row.getBoolean(4), row.getBoolean(5));
            }
        }
        return new Outcome(outdated.isEmpty() ? List.of(places) : List.of(), outdated);
    }

    private static Tuple keyColumns(Collection<ChannelKey> keys) {
        return Columns.of(keys).texts(ChannelKey::id).shorts(ChannelKey::type).tuple();
    }

    private static ChannelKey keyOf(Row row) {
        return new ChannelKey(row.getString("channel_id"), row.getShort("channel_type"));
    }
}
