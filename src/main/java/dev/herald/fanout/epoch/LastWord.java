package dev.herald.fanout.epoch;

import dev.herald.redis.RedisCalls;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.SqlResult;
import io.vertx.sqlclient.Tuple;
import java.util.UUID;

/**
 * Tells a Redis that was stopped in order from one that may have lost something: the last node to stop leaves a word
 * there, after all that any node has written, and notes it in PostgreSQL. See decision 011.
 */
final class LastWord {
    private static final String KEY = "herald:last-word";

    private static final String SIGN_ON = """
            update redis_epoch set writers = array_append(array_remove(writers, $3), $3), last_word = null
            where number = $1 and run_id = $2""";

    private static final String ACCEPT = """
            update redis_epoch set run_id = $2, writers = array[$3::bigint], last_word = null
            where number = $1 and last_word = $4""";

    /**
     * Of nodes that stop at once, the row's lock makes one the last. Who begins an epoch knows of no other writer, so for
     * some seconds, in which they all notice it, nobody can be the last.
     */
    private static final String SIGN_OFF = """
            update redis_epoch set writers = array_remove(writers, $3),
                last_word = case when array_remove(writers, $3) = '{}'
                    and (number = 1 or begun_at < now() - interval '10 seconds') then $4 end
            where number = $1 and run_id = $2""";

    private final SqlClient pg;
    private final long incarnation;

    LastWord(SqlClient pg, long incarnation) {
        this.pg = pg;
        this.incarnation = incarnation;
    }

    /** False if the epoch or its Redis is another by now; else this node may write. */
    Future<Boolean> signOn(long epoch, String runId) {
        return pg.preparedQuery(SIGN_ON)
                .execute(Tuple.of(epoch, runId, incarnation))
                .map(LastWord::isDone);
    }

    /** The same for a Redis that is another process than the one of this epoch; true if it has the last word of that. */
    Future<Boolean> accept(RedisCalls redis, long epoch, String runId) {
        return redis.sendForMasters(KEY, key -> Request.cmd(Command.GET).arg(key))
                .map(words -> words.stream().map(String::valueOf).distinct().toList())
                .compose(words -> words.size() != 1
                        ? Future.succeededFuture(false)
                        : pg.preparedQuery(ACCEPT)
                                .execute(Tuple.of(epoch, runId, incarnation, words.getFirst()))
                                .map(LastWord::isDone));
    }

    /** Call it when this node's last write is answered. */
    Future<Void> signOff(RedisCalls redis, long epoch, String runId) {
        String word = UUID.randomUUID().toString();
        return redis.sendForMasters(
                        KEY, key -> Request.cmd(Command.SET).arg(key).arg(word))
                .compose(written -> pg.preparedQuery(SIGN_OFF).execute(Tuple.of(epoch, runId, incarnation, word)))
                .mapEmpty();
    }

    private static boolean isDone(SqlResult<?> result) {
        return result.rowCount() == 1;
    }
}
