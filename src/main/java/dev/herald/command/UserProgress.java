package dev.herald.command;

import dev.herald.command.Progress.Refresh;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;

/**
 * How far a command has come with one user.
 *
 * @param addressed whether it is for this user at all; if not, it is neither written nor acknowledged
 * @param written whether it is known to be in the user's inbox, or to have been
 */
public record UserProgress(boolean addressed, boolean written, List<OfDevice> devices) {
    private static final String ADDRESSED = """
            select exists (select from member m where m.channel = c.channel and m.uid = $2 and %s)
                or coalesce($2 = any(c.uids), false) as addressed,
                $3::text is null or $2 collate "C" <= $3 as reached,
                exists (select from device_cursor where uid = $2 and device_flag >= -1) as has_device
            from cmd c where c.id = $1""".formatted(CommandLog.ADDRESSES);

    private static final String DEVICES = """
            select device_flag, seq, tail, floor >= $1 and as_of >= $2 as acked from device_cursor
            where uid = $3 and device_flag >= -1 order by device_flag""";

    public UserProgress {
        devices = List.copyOf(devices);
    }

    /**
     * @param flag of the device; -1 is a back end that pulls for the user
     * @param cursor the place in the inbox up to which it has acknowledged
     * @param tail the newest place in the inbox then
     */
    public record OfDevice(int flag, long cursor, long tail, boolean acknowledged) {}

    public static Future<UserProgress> of(SqlClient pg, SentCommand command, String uid, Refresh refresh) {
        return pg.preparedQuery(ADDRESSED)
                .execute(Tuple.of(command.id(), uid, command.reached()))
                .compose(rows -> {
                    boolean addressed = false;
                    boolean written = false;
                    boolean hasDevice = false;
                    for (Row row : rows) {
                        addressed = row.getBoolean("addressed");
                        written = addressed && row.getBoolean("reached");
                        hasDevice = row.getBoolean("has_device");
                    }
                    UserProgress so = new UserProgress(addressed, written, List.of());
                    Future<?> fresh = hasDevice ? refresh.cursors(List.of(uid)) : Future.succeededFuture();
                    return fresh.compose(now -> devices(pg, command, uid, so));
                });
    }

    private static Future<UserProgress> devices(SqlClient pg, SentCommand command, String uid, UserProgress so) {
        return pg.preparedQuery(DEVICES)
                .execute(Tuple.of(command.id(), command.sureAt(), uid))
                .map(rows -> {
                    List<OfDevice> devices = new ArrayList<>();
                    for (Row row : rows) {
                        devices.add(new OfDevice(
                                row.getShort("device_flag"),
                                row.getLong("seq"),
                                row.getLong("tail"),
                                so.written && row.getBoolean("acked")));
                    }
                    return new UserProgress(so.addressed, so.written, devices);
                });
    }
}
