package dev.herald.device;

import dev.herald.model.ChannelKey;
import dev.herald.postgres.PgClients;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.OffsetDateTime;

/** The devices that may connect and their tokens. */
public final class Devices {
    /** Stands for every device of a user where a device flag is asked for. */
    public static final int ALL = -1;

    private static final String FIND = """
            select d.device_level, d.token_hash,
                exists (select from channel where channel_id = $1 and channel_type = $3 and ban) as banned,
                (select max(quit_at) from device_quit where uid = $1 and device_flag in ($2, -1)) as quit_at
            from (select) one left join device d on d.uid = $1 and d.device_flag = $2""";
    private static final String SET_TOKEN = """
            insert into device (uid, device_flag, token_hash, device_level) values ($1, $2, $3, $4)
            on conflict (uid, device_flag) do update
            set token_hash = excluded.token_hash, device_level = excluded.device_level, updated_at = now()""";
    private static final String CLEAR_TOKEN = """
            with cleared as (delete from device where uid = $1 and ($2::smallint = -1 or device_flag = $2))
            insert into device_quit (uid, device_flag, quit_at) values ($1, $2, now())
            on conflict (uid, device_flag) do update set quit_at = excluded.quit_at""";

    private final SqlClient client;

    public Devices(PgClients pg) {
        this.client = pg.statements();
    }

    /** @param flag 0 to 255 */
    public Future<Standing> find(String uid, int flag) {
        return client.preparedQuery(FIND)
                .execute(Tuple.of(uid, flag, ChannelKey.PERSON))
                .map(rows -> standing(rows.iterator().next()));
    }

    /**
     * Makes a device known, or gives it a new token and level.
     *
     * @param flag 0 to 255
     * @param level {@link Device#SLAVE} or {@link Device#MASTER}
     */
    public Future<Void> setToken(String uid, int flag, String token, int level) {
        return client.preparedQuery(SET_TOKEN)
                .execute(Tuple.of(uid, flag, TokenHash.of(token).stored(), level))
                .mapEmpty();
    }

    /**
     * Forgets the token of a device, or with {@link #ALL} of every device: it cannot connect until it is given a new one.
     * A token that is stored nowhere is good no more if it was issued before.
     */
    public Future<Void> clearToken(String uid, int flag) {
        return client.preparedQuery(CLEAR_TOKEN).execute(Tuple.of(uid, flag)).mapEmpty();
    }

    private static Standing standing(Row row) {
        Buffer hash = row.getBuffer("token_hash");
        Device device = hash == null ? null : new Device(row.getInteger("device_level"), TokenHash.stored(hash));
        OffsetDateTime quitAt = row.getOffsetDateTime("quit_at");
        return new Standing(device, row.getBoolean("banned"), quitAt == null ? null : quitAt.toInstant());
    }
}
