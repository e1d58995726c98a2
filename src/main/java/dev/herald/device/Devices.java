package dev.herald.device;

import dev.herald.postgres.PgClients;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;

/** The devices that may connect and their tokens. */
public final class Devices {
    /** Stands for every device of a user where a device flag is asked for. */
    public static final int ALL = -1;

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
}
