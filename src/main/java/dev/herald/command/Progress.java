package dev.herald.command;

import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import java.util.ArrayList;
import java.util.List;

/**
 * How far a command has come with all whom it addresses. PostgreSQL counts, from the stored cursors; a device that became
 * known after the command begins behind it and counts as one that has acknowledged.
 *
 * @param members users that it addresses
 * @param delivered users of whom one device at least has acknowledged it: what a socket was sent is not known durably
 * @param acknowledged users who have a known device, and all of whose devices have acknowledged it
 * @param devices by flag, the lowest first
 */
public record Progress(long members, long delivered, long acknowledged, List<OfDevices> devices) {
    /** Users whose cursors are asked for anew before one answer: each costs a call of Redis. */
    private static final int MAX_REFRESHED = 10_000;

    private static final String ADDRESSED = """
            with c as (select * from cmd where id = $1),
            addressed as (
                select distinct m.uid from c join member m on m.channel = c.channel where %s
                union
                select u collate "C" from c, unnest(c.uids) u)""".formatted(CommandLog.ADDRESSES);

    /**
     * Looked up user by user in the primary key, whose collation it is, however many there are: the planner, who cannot
     * know, would read all cursors for a few. A flag below -1 stands for no device.
     */
    private static final String CURSORS = """
            addressed a cross join lateral (
                select * from device_cursor
                where uid = a.uid collate "default" and device_flag >= -1 offset 0) d""";

    private static final String HAS_IT = "($3::text is null or d.uid collate \"C\" <= $3)";

    /** Cursors that passed a command before the note that it was in the inbox: whether it was, only newer ones tell. */
    private static final String UNSURE = ADDRESSED + """
             select distinct d.uid from c, %s
            where d.floor >= c.id and d.as_of >= c.created_at and d.as_of < $2 and %s
            limit %d""".formatted(CURSORS, HAS_IT, MAX_REFRESHED);

    private static final String COUNTS = ADDRESSED + """
            , cursors as (
                select d.uid, d.device_flag as flag, d.floor >= $1 and d.as_of >= $2 and %s as acked from %s)
            select null::smallint as flag, (select count(*) from addressed) as known,
                count(*) filter (where one) as one, count(*) filter (where each) as acked
            from (select bool_or(acked) as one, bool_and(acked) as each from cursors group by uid) of_user
            union all
            select flag, count(*), 0, count(*) filter (where acked) from cursors group by flag
            order by flag nulls first""".formatted(HAS_IT, CURSORS);

    public Progress {
        devices = List.copyOf(devices);
    }

    /**
     * @param flag of the devices; -1 is a back end that pulls for the user
     * @param known devices with this flag that addressed users have
     * @param acknowledged of these, those that have acknowledged the command
     */
    public record OfDevices(int flag, long known, long acknowledged) {}

    /** Brings the stored cursors of users up to date. */
    public interface Refresh {
        /** Never fails: what could not be brought up to date counts as it is stored. */
        Future<?> cursors(List<String> uids);
    }

    public static Future<Progress> of(SqlClient pg, SentCommand command, Refresh refresh) {
        return pg.preparedQuery(UNSURE)
                .execute(command.tuple())
                .compose(rows -> {
                    List<String> uids = new ArrayList<>();
                    rows.forEach(row -> uids.add(row.getString("uid")));
                    return uids.isEmpty() ? Future.succeededFuture() : refresh.cursors(uids);
                })
                .compose(fresh -> pg.preparedQuery(COUNTS).execute(command.tuple()))
                .map(Progress::of);
    }

    private static Progress of(Iterable<Row> counts) {
        long members = 0;
        long delivered = 0;
        long acknowledged = 0;
        List<OfDevices> devices = new ArrayList<>();
        for (Row row : counts) {
            if (row.getShort("flag") == null) {
                members = row.getLong("known");
                delivered = row.getLong("one");
                acknowledged = row.getLong("acked");
            } else {
                devices.add(new OfDevices(row.getShort("flag"), row.getLong("known"), row.getLong("acked")));
            }
        }
        return new Progress(members, delivered, acknowledged, devices);
    }
}
