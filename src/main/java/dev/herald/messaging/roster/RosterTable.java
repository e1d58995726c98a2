package dev.herald.messaging.roster;

import dev.herald.postgres.Columns;
import dev.herald.postgres.PgClients;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads who is in channels and on their lists: what has changed of it since it was read. */
final class RosterTable {
    /** Changes of one channel in one answer: decoding more would keep others waiting. */
    static final int MOST = 5_000;

    /** A membership changed last when it ended, or else when it began; an entry of a list that goes leaves a trace. */
    private static final String SINCE = """
            with known as materialized (
                select * from unnest($1::bigint[], $2::bigint[], $3::bigint[]) as k(channel, revision, entry)
            )
            select pk as channel, 'channel' as part, false as gone, null as uid, revision, greatest(0,
                (select max(id) from listed where channel = pk), (select max(id) from unlisted where channel = pk)) as entry
            from channel where pk = any($1::bigint[])
            union all
            select k.channel, 'member', m.until is not null, m.uid, null, null
            from known k cross join lateral (
                select uid, until from member
                where channel = k.channel and coalesce(until, since) > k.revision and (until is null or k.revision > %1$d)
                order by coalesce(until, since) limit %2$d + 1) m
            union all
            select k.channel, case when l.allowed then 'whitelist' else 'blacklist' end, false, l.uid, null, null
            from known k cross join lateral (
                select allowed, uid from listed where channel = k.channel and id > k.entry order by id limit %2$d + 1) l
            union all
            select k.channel, case when u.allowed then 'whitelist' else 'blacklist' end, true, u.uid, null, null
            from known k cross join lateral (
                select allowed, uid from unlisted where channel = k.channel and id > k.entry and k.entry > %1$d
                order by id limit %2$d + 1) u""".formatted(Place.NOTHING.revision(), MOST);

    private final PgClients pg;

    RosterTable(PgClients pg) {
        this.pg = pg;
    }

    /**
     * How far a channel has been read.
     *
     * @param revision of its members
     * @param entry the newest that came to its lists or went
     */
    record Place(long revision, long entry) {
        /** Before the first: since then everybody came. */
        static final Place NOTHING = new Place(-1, -1);
    }

    /**
     * What became of a set.
     *
     * @param come who is in now and came since; whoever left before is among the gone, too
     */
    record Delta(List<String> come, List<String> gone) {
        Delta() {
            this(new ArrayList<>(), new ArrayList<>());
        }

        int size() {
            return come.size() + gone.size();
        }

        Set<String> of(Set<String> before) {
            return Amended.of(before, gone, come);
        }
    }

    /**
     * What became of one channel.
     *
     * @param place where it is now
     */
    record Change(Place place, Delta members, Delta blacklist, Delta whitelist) {
        /** False if more changed than one answer holds. */
        boolean isWhole() {
            return members.size() <= MOST && blacklist.size() + whitelist.size() <= MOST;
        }

        Roster of(Roster before) {
            return new Roster(
                    members.of(before.members()), blacklist.of(before.blacklist()), whitelist.of(before.whitelist()));
        }
    }

    /** @param places by primary key of the channel; only those that there are have an answer */
    Future<Map<Long, Change>> since(Map<Long, Place> places) {
        return pg.statements()
                .preparedQuery(SINCE)
                .execute(Columns.of(places.entrySet())
                        .longs(Map.Entry::getKey)
                        .longs(known -> known.getValue().revision())
                        .longs(known -> known.getValue().entry())
                        .tuple())
                .map(rows -> {
                    Map<Long, Reading> readings = new HashMap<>();
                    rows.forEach(row -> readings.computeIfAbsent(row.getLong("channel"), pk -> new Reading())
                            .take(row));
                    Map<Long, Change> changes = new HashMap<>();
                    readings.forEach((pk, reading) -> changes.put(pk, reading.change()));
                    return changes;
                });
    }

    /** A change as far as its rows have been looked at. */
    private static final class Reading {
        private final Delta members = new Delta();
        private final Delta blacklist = new Delta();
        private final Delta whitelist = new Delta();
        private Place place = Place.NOTHING;

        void take(Row row) {
            switch (row.getString("part")) {
                case "member" -> take(row, members);
                case "blacklist" -> take(row, blacklist);
                case "whitelist" -> take(row, whitelist);
                default -> place = new Place(row.getLong("revision"), row.getLong("entry"));
            }
        }

        private static void take(Row row, Delta delta) {
            (row.getBoolean("gone") ? delta.gone() : delta.come()).add(row.getString("uid"));
        }

        Change change() {
            return new Change(place, members, blacklist, whitelist);
        }
    }
}
