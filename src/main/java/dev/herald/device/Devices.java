package dev.herald.device;

import dev.herald.postgres.PgClients;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.OffsetDateTime;
import java.util.Optional;

/** The devices that may connect and their tokens. */
public final class Devices {
    /** Stands for every device of a user where a device flag is asked for. */
    public static final int ALL = -1;

    /** A request that is run again finds what it has set itself, or what others have set or ended since it first ran. */
    private static final String SET_TOKEN = """
            insert into device (uid, device_flag, token_hash, device_level)
            select $1, $2::smallint, $3, $4 where not exists (
                select from device_quit where uid = $1 and device_flag in ($2::smallint, -1) and quit_at > $5::timestamptz)
            on conflict (uid, device_flag) do update
            set token_hash = excluded.token_hash, device_level = excluded.device_level, updated_at = now()
            where $5::timestamptz is null or device.updated_at <= $5::timestamptz
                or (device.token_hash, device.device_level) = (excluded.token_hash, excluded.device_level)""";

    private static final String CLEAR_TOKEN = """
            with cleared as (
                delete from device where uid = $1 and ($2::smallint = -1 or device_flag = $2)
                    and updated_at <= coalesce($3::timestamptz, 'infinity')),
            quit as (
                insert into device_quit as q (uid, device_flag, quit_at) values ($1, $2, coalesce($3::timestamptz, now()))
                on conflict (uid, device_flag) do update set quit_at = greatest(q.quit_at, excluded.quit_at))
            select exists (
                select from device where uid = $1 and device_flag = $2 and updated_at > $3::timestamptz) as is_newer""";

    private final SqlClient client;

    public Devices(PgClients pg) {
        this.client = pg.statements();
    }

    /**
     * Makes a device known, or gives it a new token and level.
     *
     * @param flag 0 to 255
     * @param level {@link Device#SLAVE} or {@link Device#MASTER}
     * @param first when the request ran first, if it may have run before: what was set or ended since then is newer
     * @return false if the device has a newer token, or has quit
     */
    public Future<Boolean> setToken(String uid, int flag, String token, int level, Optional<OffsetDateTime> first) {
        return client.preparedQuery(SET_TOKEN)
                .execute(Tuple.of(uid, flag, TokenHash.of(token).stored(), level, first.orElse(null)))
                .map(set -> set.rowCount() > 0);
    }

    /**
     * Forgets the token of a device, or with {@link #ALL} of every device: it cannot connect until it is given a new one.
     * A token that is stored nowhere is good no more if it was issued before.
     *
     * @param first when the request ran first, if it may have run before: tokens that were given since then stay
     * @return false if the one device that is named has such a token
     */
    public Future<Boolean> clearToken(String uid, int flag, Optional<OffsetDateTime> first) {
        return client.preparedQuery(CLEAR_TOKEN)
                .execute(Tuple.of(uid, flag, first.orElse(null)))
                .map(rows -> !rows.iterator().next().getBoolean("is_newer"));
    }
}
