package dev.herald.messaging;

import dev.herald.bus.message.MessagingMessage.MessageSent;
import dev.herald.channel.NewChannels;
import dev.herald.eventlog.EventLog;
import dev.herald.eventlog.EventLog.NewEvent;
import dev.herald.messaging.Pending.RepeatKey;
import dev.herald.model.ChannelKey;
import dev.herald.model.Reason;
import dev.herald.postgres.PgClients;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/** The message log in PostgreSQL: whole batches per statement, sequences without gap or repeat. */
final class MessageStore {
    private static final String CHANNELS = """
            select c.pk, c.channel_id, c.channel_type, c.revision, c.ban, c.disband
            from unnest($1::text[], $2::smallint[]) as k(id, type)
            join channel c on c.channel_id = k.id and c.channel_type = k.type""";

    private static final String REPEATS = """
            select k.id as channel_id, k.type as channel_type, m.from_uid, m.client_msg_no, m.id, m.seq
            from unnest($1::text[], $2::smallint[], $3::text[], $4::text[]) as k(id, type, from_uid, client_msg_no)
            join channel c on c.channel_id = k.id and c.channel_type = k.type
            join message m on m.channel = c.pk and m.from_uid = k.from_uid and m.client_msg_no = k.client_msg_no""";

    /**
     * Takes the sequences and stores the rows at once. The rows of the channels are locked in one order, so that two
     * nodes never wait for each other in a circle. A sender's own row learns what it sent last; those of the other
     * members are not touched: once a day at most they are told that the channel is alive, and not here.
     */
    private static final String INSERT = """
            with locked as (
                select pk from channel where pk = any($1::bigint[]) order by pk for no key update
            ), taken as (
                update channel c set last_seq = c.last_seq + t.n,
                    last_at = now(), first_at = coalesce(c.first_at, now()),
                    spread_due = c.spread_due or c.spread_at < now() - interval '1 day'
                from unnest($1::bigint[], $2::bigint[]) as t(pk, n), locked
                where c.pk = t.pk and locked.pk = t.pk
                returning c.pk, c.last_seq - t.n as base
            ), senders as (
                update member set sent_seq = taken.base + s.nth
                from unnest($12::bigint[], $13::text[], $14::bigint[]) as s(channel, uid, nth)
                join taken on taken.pk = s.channel
                where member.channel = s.channel and member.uid = s.uid and member.until is null
            )
            insert into message
                (channel, seq, from_uid, client_msg_no, flags, setting, expire, expires_at, topic, payload)
            select m.channel, taken.base + m.nth, m.from_uid, m.client_msg_no, m.flags, m.setting, m.expire,
                case when m.expire > 0 then now() + m.expire * interval '1 second' end, m.topic, m.payload
            from unnest($3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::smallint[], $8::smallint[],
                    $9::bigint[], $10::text[], $11::bytea[])
                as m(channel, nth, from_uid, client_msg_no, flags, setting, expire, topic, payload)
            join taken on taken.pk = m.channel
            order by m.channel, m.nth
            returning channel, seq, id, extract(epoch from created_at)::bigint as at""";

    private static final String IDS = "select nextval('message_id') from generate_series(1, $1)";

    /** {@code allowed} tells the whitelist from the blacklist; a member's row has none. */
    private static final String ROSTERS = """
            select channel, uid, null as allowed from member where channel = any($1::bigint[]) and until is null
            union all
            select channel, uid, allowed from listed where channel = any($1::bigint[])""";

    private final PgClients pg;
    private final boolean recordEvents;

    /** @param recordEvents true if somebody is told of stored messages */
    MessageStore(PgClients pg, boolean recordEvents) {
        this.pg = pg;
        this.recordEvents = recordEvents;
    }

    /** A message that has its place now. */
    record Stored(long messageId, long seq, long timestampSeconds) {}

    /** A message, the channel that it goes to, and who is there. */
    record Accepted(Pending pending, ChannelRow channel, Roster roster) {}

    Future<Map<ChannelKey, ChannelRow>> channels(Collection<ChannelKey> keys) {
        return pg.statements().preparedQuery(CHANNELS).execute(keyArrays(keys)).map(rows -> stream(rows)
                .collect(Collectors.toMap(
                        MessageStore::keyOf,
                        row -> new ChannelRow(
                                row.getLong("pk"),
                                row.getLong("revision"),
                                row.getBoolean("ban"),
                                row.getBoolean("disband")))));
    }

    Future<Void> create(Collection<ChannelKey> keys) {
        return NewChannels.create(pg.statements(), keys).mapEmpty();
    }

    /** Those of a batch that were stored before, with the answer that they got then. */
    Future<Map<RepeatKey, MessageSent>> repeats(Collection<RepeatKey> keys) {
        Tuple arrays = keyArrays(keys.stream().map(RepeatKey::stored).toList())
                .addArrayOfString(strings(keys, RepeatKey::fromUid))
                .addArrayOfString(strings(keys, RepeatKey::clientMsgNo));
        return pg.statements().preparedQuery(REPEATS).execute(arrays).map(rows -> stream(rows)
                .collect(Collectors.toMap(
                        row -> new RepeatKey(keyOf(row), row.getString("from_uid"), row.getString("client_msg_no")),
                        row -> new MessageSent(Reason.SUCCESS, row.getLong("id"), row.getLong("seq")))));
    }

    /** By primary key of the channel; none for a channel without members and lists. */
    Future<Map<Long, Roster>> rosters(Collection<Long> channels) {
        return pg.statements()
                .preparedQuery(ROSTERS)
                .execute(Tuple.of(channels.toArray(Long[]::new)))
                .map(rows -> stream(rows)
                        .collect(Collectors.groupingBy(
                                row -> row.getLong("channel"),
                                Collectors.collectingAndThen(Collectors.toList(), MessageStore::roster))));
    }

    private static Roster roster(List<Row> rows) {
        return new Roster(uids(rows, null), uids(rows, false), uids(rows, true));
    }

    private static Set<String> uids(List<Row> rows, @Nullable Boolean allowed) {
        return rows.stream()
                .filter(row -> Objects.equals(row.getBoolean("allowed"), allowed))
                .map(row -> row.getString("uid"))
                .collect(Collectors.toUnmodifiableSet());
    }

    /** Ids for messages that are delivered without being stored. */
    Future<List<Long>> ids(int count) {
        return count == 0
                ? Future.succeededFuture(List.of())
                : pg.statements().preparedQuery(IDS).execute(Tuple.of(count)).map(rows -> stream(rows)
                        .map(row -> row.getLong(0))
                        .toList());
    }

    /** Commits all of them with their events or none; the places come in the order of the batch. */
    Future<List<Stored>> insert(List<Accepted> batch) {
        if (batch.isEmpty()) {
            return Future.succeededFuture(List.of());
        }
        return pg.transactions()
                .withTransaction(tx -> insert(tx, batch).compose(stored -> record(tx, batch, stored)))
                .map(Objects::requireNonNull);
    }

    private Future<List<Stored>> record(SqlClient tx, List<Accepted> batch, List<Stored> stored) {
        return recordEvents
                ? EventLog.append(tx, events(batch, stored)).map(v -> stored)
                : Future.succeededFuture(stored);
    }

    private static Future<List<Stored>> insert(SqlClient tx, List<Accepted> batch) {
        Map<Long, Long> counts = new HashMap<>();
        Long[] nth = batch.stream()
                .map(accepted -> counts.merge(accepted.channel().pk(), 1L, Long::sum))
                .toArray(Long[]::new);
        Long[] channels = counts.keySet().toArray(Long[]::new);
        Tuple columns = Tuple.tuple()
                .addArrayOfLong(channels)
                .addArrayOfLong(Arrays.stream(channels).map(counts::get).toArray(Long[]::new))
                .addArrayOfLong(batch.stream().map(a -> a.channel().pk()).toArray(Long[]::new))
                .addArrayOfLong(nth)
                .addArrayOfString(strings(batch, a -> a.pending().message().fromUid()))
                .addArrayOfString(strings(batch, a -> a.pending().message().clientMsgNo()))
                .addArrayOfShort(
                        shorts(batch, a -> a.pending().message().header().bits()))
                .addArrayOfShort(shorts(batch, a -> a.pending().message().setting()))
                .addArrayOfLong(batch.stream()
                        .map(a -> a.pending().message().expireSeconds())
                        .toArray(Long[]::new))
                .addArrayOfString(strings(batch, a -> a.pending().message().topic()))
                .addArrayOfBuffer(batch.stream()
                        .map(a -> Buffer.buffer(a.pending().message().payload().bytes()))
                        .toArray(Buffer[]::new));
        addSenders(columns, batch, nth);
        return tx.preparedQuery(INSERT).execute(columns).map(rows -> inBatchOrder(batch, nth, rows));
    }

    /** Each sender of a channel once, with the last of its messages there. */
    private static void addSenders(Tuple columns, List<Accepted> batch, Long[] nth) {
        Map<Sender, Long> last = new HashMap<>();
        for (int i = 0; i < nth.length; i++) {
            Accepted accepted = batch.get(i);
            last.put(
                    new Sender(
                            accepted.channel().pk(),
                            accepted.pending().message().fromUid()),
                    nth[i]);
        }
        List<Sender> senders = List.copyOf(last.keySet());
        columns.addArrayOfLong(senders.stream().map(Sender::channel).toArray(Long[]::new))
                .addArrayOfString(strings(senders, Sender::uid))
                .addArrayOfLong(senders.stream().map(last::get).toArray(Long[]::new));
    }

    private record Sender(long channel, String uid) {}

    private static List<Stored> inBatchOrder(List<Accepted> batch, Long[] nth, Iterable<Row> rows) {
        Map<Long, List<Stored>> byChannel = new HashMap<>();
        for (Row row : rows) {
            byChannel
                    .computeIfAbsent(row.getLong("channel"), pk -> new ArrayList<>())
                    .add(new Stored(row.getLong("id"), row.getLong("seq"), row.getLong("at")));
        }
        return IntStream.range(0, batch.size())
                .mapToObj(i -> byChannel
                        .getOrDefault(batch.get(i).channel().pk(), List.of())
                        .get(Math.toIntExact(nth[i] - 1)))
                .toList();
    }

    private static List<NewEvent> events(List<Accepted> batch, List<Stored> stored) {
        return IntStream.range(0, batch.size())
                .mapToObj(i -> event(batch.get(i), stored.get(i)))
                .toList();
    }

    private static NewEvent event(Accepted accepted, Stored stored) {
        ChannelKey channel = accepted.pending().message().channel();
        return new NewEvent(
                EventLog.MESSAGE_NOTIFY,
                NewEvent.channelKey(accepted.channel().pk()),
                new JsonObject()
                        .put("channel", accepted.channel().pk())
                        .put("seq", stored.seq())
                        .put("channel_id", channel.id())
                        .put("channel_type", channel.type()));
    }

    private static Tuple keyArrays(Collection<ChannelKey> keys) {
        return Tuple.tuple()
                .addArrayOfString(strings(keys, ChannelKey::id))
                .addArrayOfShort(shorts(keys, ChannelKey::type));
    }

    private static ChannelKey keyOf(Row row) {
        return new ChannelKey(row.getString("channel_id"), row.getShort("channel_type"));
    }

    private static <T> String[] strings(Collection<T> items, Function<T, String> of) {
        return items.stream().map(of).toArray(String[]::new);
    }

    private static <T> Short[] shorts(Collection<T> items, Function<T, Integer> of) {
        return items.stream().map(of).map(Integer::shortValue).toArray(Short[]::new);
    }

    private static Stream<Row> stream(Iterable<Row> rows) {
        return StreamSupport.stream(rows.spliterator(), false);
    }
}
