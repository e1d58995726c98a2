package dev.herald.fanout.inbox;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.herald.command.CommandRows;
import dev.herald.model.Command;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** The commands that pointers point to: the recent ones from memory, the rest from their source log. */
public final class Bodies {
    /** In the order of the ids; beyond so many bytes without payload. */
    private static final String READ = """
            select %s, c.before < $2 as fits
            from (
                select c.*, sum(octet_length(c.payload)) over (order by k.n) - octet_length(c.payload) as before
                from unnest($1::bigint[]) with ordinality as k(id, n) join cmd c on c.id = k.id) c""".formatted(
                    CommandRows.COLUMNS.replace("c.payload", "case when c.before < $2 then c.payload end as payload"));

    /** Bytes of memory; what a command weighs beside its payload is estimated. */
    private static final int MAX_WEIGHT = 32 << 20;

    private static final int BASE_WEIGHT = 400;

    private final SqlClient pg;
    private final Cache<Long, Command> recent = Caffeine.newBuilder()
            .maximumWeight(MAX_WEIGHT)
            .weigher((Long id, Command command) ->
                    BASE_WEIGHT + command.payload().size())
            .executor(Runnable::run)
            .build();

    public Bodies(SqlClient pg) {
        this.pg = pg;
    }

    public void keep(Command command) {
        recent.put(command.id(), command);
    }

    /**
     * @param byId an id whose row is gone has none
     * @param left those that were too much; never the first
     */
    record Found(Map<Long, Command> byId, Set<Long> left) {}

    /** @param maxBytes of the payloads that are read at once, but for one */
    Future<Found> of(Collection<Long> ids, long maxBytes) {
        Map<Long, Command> found = new HashMap<>(recent.getAllPresent(ids));
        Long[] missing = ids.stream().filter(id -> !found.containsKey(id)).toArray(Long[]::new);
        if (missing.length == 0) {
            return Future.succeededFuture(new Found(found, Set.of()));
        }
        return pg.preparedQuery(READ).execute(Tuple.of(missing, maxBytes)).map(rows -> {
            Set<Long> left = new HashSet<>();
            rows.forEach(row -> {
                if (!row.getBoolean("fits")) {
                    left.add(row.getLong("id"));
                    return;
                }
                Command command = CommandRows.command(row);
                keep(command);
                found.put(command.id(), command);
            });
            return new Found(found, left);
        });
    }
}
