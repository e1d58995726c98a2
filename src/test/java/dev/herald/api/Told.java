package dev.herald.api;

import dev.herald.it.Sql;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;

/** Tells of users as the presence verticle does: an event, and with it the state that it leaves. */
public final class Told {
    private static final String EVENT = """
            insert into event (lane, type, key, data) select 1, 'user.onlinestatus', 'u:' || $1, json_build_object(
                'uid', $1::text, 'online', $2::boolean, 'scope', $3::text, 'version', $4::bigint)""";

    private static final String STATE = """
            insert into user_presence as p (uid, online, version, since, reason, node, devices)
            values ($1, $2, $3::bigint, to_timestamp($3::bigint / 1000.0), 'connect', 7, '{"1": 1}')
            on conflict (uid) do update set online = excluded.online, version = excluded.version, since = excluded.since""";

    private Told() {}

    /** @param client in the middle of a transaction, or each statement is one of its own */
    public static void user(SqlClient client, String uid, boolean online, long version) {
        Sql.await(client.preparedQuery(EVENT)
                .execute(Tuple.of(uid, online, "user", version))
                .compose(done -> client.preparedQuery(STATE).execute(Tuple.of(uid, online, version))));
    }

    /** A second device, which leaves the user online. */
    public static void device(SqlClient client, String uid, boolean online, long version) {
        Sql.await(client.preparedQuery(EVENT).execute(Tuple.of(uid, online, "device", version)));
    }

    /** Users p0, p1 … who are online at version 1, without events. */
    public static void crowd(SqlClient client, String prefix, int count) {
        Future<?> told = client.preparedQuery("""
                insert into user_presence (uid, online, version, since, reason, node, devices)
                select $1 || i, true, 1, now(), 'connect', 7, '{"1": 1}' from generate_series(0, $2 - 1) i""").execute(Tuple.of(prefix, count));
        Sql.await(told);
    }
}
