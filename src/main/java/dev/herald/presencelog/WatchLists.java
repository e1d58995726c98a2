package dev.herald.presencelog;

import dev.herald.postgres.Rows;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Whom the clients of a user watch, as the user's back end says. A user without a list watches nobody. */
public final class WatchLists {
    /** Users on one list. */
    public static final int MAX = 1_000;

    /** The transaction that changed a list last names what it made of it: so a list that was deleted and made again is new. */
    private static final String REVISION = "pg_current_xact_id()::text::bigint";

    private static final String PUT = """
            insert into watch_list (uid, watched, revision) values ($1, $2::text[], %s)
            on conflict (uid) do update set watched = excluded.watched, revision = excluded.revision""".formatted(REVISION);

    private static final String EDITED = """
            array(select u from unnest(w.watched) with ordinality as had(u, place)
                where u <> all($2::text[]) and u <> all($3::text[]) order by place) || $2::text[]""";

    private static final String EDIT = """
            insert into watch_list as w (uid, watched, revision) values ($1, $2::text[], %1$s)
            on conflict (uid) do update set watched = %2$s, revision = excluded.revision
            where cardinality(%2$s) <= $4""".formatted(REVISION, EDITED);

    private static final String DELETE = "delete from watch_list where uid = $1";

    private static final String GET = "select watched from watch_list where uid = $1";

    private static final String CHANGED = """
            select k.uid, coalesce(w.watched, '{}') as watched, coalesce(w.revision, 0) as revision
            from unnest($1::text[], $2::bigint[]) as k(uid, revision) left join watch_list w on w.uid = k.uid
            where coalesce(w.revision, 0) <> k.revision""";

    private WatchLists() {}

    /**
     * @param users in no order
     * @param revision another one after each change; 0: there is no list
     */
    public record WatchList(Set<String> users, long revision) {
        /** Of what nobody has looked at yet: no list has its revision. */
        public static final WatchList UNREAD = new WatchList(Set.of(), -1);

        public WatchList {
            users = Set.copyOf(users);
        }
    }

    public static Future<Void> put(SqlClient client, String uid, Set<String> users) {
        return client.preparedQuery(PUT)
                .execute(Tuple.of(uid).addArrayOfString(users.toArray(String[]::new)))
                .mapEmpty();
    }

    /** False, and nothing is changed, if that would make them more than {@link #MAX}. */
    public static Future<Boolean> edit(SqlClient client, String uid, Set<String> add, Set<String> remove) {
        return client.preparedQuery(EDIT)
                .execute(Tuple.of(uid, add.toArray(String[]::new), remove.toArray(String[]::new), MAX))
                .map(rows -> rows.rowCount() == 1);
    }

    public static Future<Void> delete(SqlClient client, String uid) {
        return client.preparedQuery(DELETE).execute(Tuple.of(uid)).mapEmpty();
    }

    /** In the order of the last change; empty if there is no list. */
    public static Future<Optional<List<String>>> get(SqlClient client, String uid) {
        return client.preparedQuery(GET)
                .execute(Tuple.of(uid))
                .map(rows -> Rows.first(rows, row -> List.of(row.getArrayOfStrings(0))));
    }

    /** The lists that are not at the revision that the caller knows them at. */
    public static Future<Map<String, WatchList>> changed(SqlClient client, Map<String, Long> known) {
        List<String> uids = new ArrayList<>(known.keySet());
        Long[] revisions = uids.stream().map(known::get).toArray(Long[]::new);
        return client.preparedQuery(CHANGED)
                .execute(Tuple.tuple()
                        .addArrayOfString(uids.toArray(String[]::new))
                        .addArrayOfLong(revisions))
                .map(rows -> {
                    Map<String, WatchList> changed = new HashMap<>();
                    for (Row row : rows) {
                        changed.put(
                                row.getString("uid"),
                                new WatchList(
                                        new LinkedHashSet<>(List.of(row.getArrayOfStrings("watched"))),
                                        row.getLong("revision")));
                    }
                    return changed;
                });
    }
}
