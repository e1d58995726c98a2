package dev.herald.device;

import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import dev.herald.model.ChannelKey;
import dev.herald.postgres.Columns;
import dev.herald.postgres.PgClients;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Where devices stand when their clients connect; for one context. One statement is under way at a time, and whoever asks
 * meanwhile goes with the next: a client alone waits for nobody, and a thousand at once cost a few statements.
 */
public final class Standings {
    /** Asked with one statement. */
    private static final int BATCH = 500;

    private static final int MAX_WAITING = 100_000;

    /** Of one statement; nobody waits longer for the answer to a CONNECT. */
    private static final long DEADLINE_SECONDS = 10;

    private static final String FIND = """
            select d.device_level, d.token_hash,
                exists (select from channel c where c.channel_id = k.uid and c.channel_type = $3 and c.ban) as banned,
                (select max(q.quit_at) from device_quit q where q.uid = k.uid and q.device_flag in (k.flag, -1)) as quit_at
            from unnest($1::text[], $2::int[]) with ordinality k(uid, flag, place)
            left join device d on d.uid = k.uid and d.device_flag = k.flag
            order by k.place""";

    private final SqlClient client;
    private List<Ask> waiting = new ArrayList<>();
    private boolean asking;

    private record Ask(String uid, int flag, Promise<Standing> answer) {}

    public Standings(PgClients pg) {
        this.client = pg.statements();
    }

    /**
     * As it is after this was called.
     *
     * @param flag 0 to 255
     */
    public Future<Standing> find(String uid, int flag) {
        if (waiting.size() >= MAX_WAITING) {
            return Future.failedFuture(
                    new HeraldException(Failure.OVERLOADED, MAX_WAITING + " clients wait to be looked up"));
        }
        Promise<Standing> answer = Promise.promise();
        waiting.add(new Ask(uid, flag, answer));
        if (!asking) {
            ask();
        }
        return answer.future();
    }

    private void ask() {
        List<Ask> batch = List.copyOf(waiting.subList(0, Math.min(BATCH, waiting.size())));
        waiting = new ArrayList<>(waiting.subList(batch.size(), waiting.size()));
        asking = true;
        client.preparedQuery(FIND)
                .execute(Columns.of(batch)
                        .texts(Ask::uid)
                        .integers(Ask::flag)
                        .tuple()
                        .addInteger(ChannelKey.PERSON))
                .timeout(DEADLINE_SECONDS, TimeUnit.SECONDS)
                .onComplete(done -> {
                    asking = false;
                    if (!waiting.isEmpty()) {
                        ask();
                    }
                })
                .onSuccess(rows -> {
                    int place = 0;
                    for (Row row : rows) {
                        batch.get(place++).answer.complete(standing(row));
                    }
                })
                .onFailure(cause -> batch.forEach(each -> each.answer.fail(cause)));
    }

    private static Standing standing(Row row) {
        Buffer hash = row.getBuffer("token_hash");
        Device device = hash == null ? null : new Device(row.getInteger("device_level"), TokenHash.stored(hash));
        OffsetDateTime quitAt = row.getOffsetDateTime("quit_at");
        return new Standing(device, row.getBoolean("banned"), quitAt == null ? null : quitAt.toInstant());
    }
}
