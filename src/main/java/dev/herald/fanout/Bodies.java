package dev.herald.fanout;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.herald.model.Command;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/** The commands that pointers point to: the recent ones from memory, the rest from their source log. */
final class Bodies {
    private static final String READ = "select " + CommandRows.COLUMNS + " from cmd c where c.id = any($1::bigint[])";

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

    Bodies(SqlClient pg) {
        this.pg = pg;
    }

    void keep(Command command) {
        recent.put(command.id(), command);
    }

    /** By id; an id whose row is gone has none. */
    Future<Map<Long, Command>> of(Collection<Long> ids) {
        Map<Long, Command> found = new HashMap<>(recent.getAllPresent(ids));
        Long[] missing = ids.stream().filter(id -> !found.containsKey(id)).toArray(Long[]::new);
        if (missing.length == 0) {
            return Future.succeededFuture(found);
        }
        return pg.preparedQuery(READ).execute(Tuple.of(missing)).map(rows -> {
            rows.forEach(row -> {
                Command command = CommandRows.command(row);
                keep(command);
                found.put(command.id(), command);
            });
            return found;
        });
    }
}
