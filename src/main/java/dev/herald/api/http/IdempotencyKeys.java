package dev.herald.api.http;

import dev.herald.postgres.PgClients;
import dev.herald.postgres.Rows;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/** The keys of requests and their answers, in PostgreSQL: all nodes know them, and a restart forgets none. */
final class IdempotencyKeys {
    /**
     * A run that left no answer for so long has died with its node: no call takes nearly as long. One that began as far ahead
     * has, too: PostgreSQL's clock was set back since.
     */
    private static final Duration DEAD_AFTER = Duration.ofSeconds(60);

    private static final int SWEEP_BATCH = 1_000;

    /** One statement: of any number of repeats at once, one takes the key; a row that is not seen yet is another's. */
    private static final String CLAIM = """
            with mine as (
                insert into idempotency as i (key, request, run) values ($1, $2, $3)
                on conflict (key) do update set
                    request = excluded.request, run = excluded.run, taken_at = now(),
                    first_at = case when i.taken_at < now() - $4::bigint * interval '1 millisecond' then now() else i.first_at end,
                    status = null, headers = null, body = null
                where i.taken_at < now() - $4::bigint * interval '1 millisecond'
                    or (i.status is null and i.request = excluded.request
                        and abs(extract(epoch from now() - i.taken_at)) * 1000 > $5::bigint)
                returning first_at)
            select true as ours, first_at, null::bytea as request, null::smallint as status, null::jsonb as headers, null::bytea as body
            from mine
            union all
            select false, null, request, status, headers, body from idempotency where key = $1 and not exists (select from mine)""";

    private static final String ANSWER =
            "update idempotency set status = $3, headers = $4, body = $5 where key = $1 and run = $2 and status is null";

    /** An answer stands, though whoever wrote it may not have heard of its commit. */
    private static final String FREE = "delete from idempotency where key = $1 and run = $2 and status is null";

    private static final String SWEEP = """
            delete from idempotency where key in (
                select key from idempotency where taken_at < now() - $1::bigint * interval '1 millisecond'
                order by taken_at limit $2 for update skip locked)""";

    private final PgClients pg;
    private final Duration retention;

    /** @param retention how long an answer is kept for repeats */
    IdempotencyKeys(PgClients pg, Duration retention) {
        this.pg = pg;
        this.retention = retention;
    }

    /** Whose a key is. */
    sealed interface Claim {
        /** @param first when the first of the runs took it */
        record Ours(long run, OffsetDateTime first) implements Claim {}

        record Answered(Reply reply) implements Claim {}

        record UnderWay() implements Claim {}

        /** The key belongs to a request that was not the same. */
        record OtherRequest() implements Claim {}
    }

    Future<Claim> claim(KeyedRequest request) {
        long run = ThreadLocalRandom.current().nextLong();
        return pg.statements()
                .preparedQuery(CLAIM)
                .execute(Tuple.of(request.key(), request.digest(), run, retention.toMillis(), DEAD_AFTER.toMillis()))
                .map(rows -> Rows.first(rows, row -> claim(row, request, run)).orElseGet(Claim.UnderWay::new));
    }

    Future<Boolean> answer(KeyedRequest request, Claim.Ours ours, Reply reply) {
        return answer(pg.statements(), request, ours, reply);
    }

    /** False if it is not for this run to answer, or it has done so. */
    Future<Boolean> answer(SqlClient client, KeyedRequest request, Claim.Ours ours, Reply reply) {
        JsonObject headers = new JsonObject();
        reply.headers().forEach(headers::put);
        return client.preparedQuery(ANSWER)
                .execute(Tuple.of(request.key(), ours.run(), reply.httpStatus(), headers, reply.body()))
                .map(updated -> updated.rowCount() > 0);
    }

    /** For a run that came to no answer that would stand: the next one may take the key. */
    Future<Void> free(KeyedRequest request, Claim.Ours ours) {
        return pg.statements()
                .preparedQuery(FREE)
                .execute(Tuple.of(request.key(), ours.run()))
                .mapEmpty();
    }

    /** Forgets what is older than the retention. */
    Future<Void> sweep() {
        return pg.statements()
                .preparedQuery(SWEEP)
                .execute(Tuple.of(retention.toMillis(), SWEEP_BATCH))
                .compose(swept -> swept.rowCount() < SWEEP_BATCH ? Future.succeededFuture() : sweep());
    }

    private static Claim claim(Row row, KeyedRequest request, long run) {
        if (row.getBoolean("ours")) {
            return new Claim.Ours(run, row.getOffsetDateTime("first_at"));
        }
        if (!request.digest().equals(row.getBuffer("request"))) {
            return new Claim.OtherRequest();
        }
        return row.getInteger("status") == null ? new Claim.UnderWay() : new Claim.Answered(reply(row));
    }

    private static Reply reply(Row row) {
        Map<String, String> headers = new HashMap<>();
        row.getJsonObject("headers").forEach(header -> headers.put(header.getKey(), (String) header.getValue()));
        Buffer body = row.getBuffer("body");
        return new Reply(row.getInteger("status"), body, headers);
    }
}
