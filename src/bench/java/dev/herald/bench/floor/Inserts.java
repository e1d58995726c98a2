package dev.herald.bench.floor;

import dev.herald.bench.World;
import dev.herald.bench.measure.Counter;
import dev.herald.bench.measure.Latency;
import dev.herald.bench.measure.Meter;
import dev.herald.bench.measure.Result;
import dev.herald.bench.scenario.Scenario;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.PgConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/**
 * Batches of rows into PostgreSQL, one committed after the other on one connection: each row takes the next number of its
 * channel and is found by an index. What a server that stores messages cannot be below.
 */
public final class Inserts implements Scenario {
    private static final String TABLES = """
            drop table if exists floor_message, floor_channel;
            create table floor_channel (pk bigint primary key, last_seq bigint not null default 0) with (fillfactor = 80);
            create table floor_message (channel bigint, seq bigint, from_uid text, client_msg_no text, payload bytea,
                primary key (channel, seq), unique (channel, client_msg_no, from_uid));
            insert into floor_channel select generate_series(1, 100)""";

    private static final String INSERT = """
            with sent as (
                select *, row_number() over (partition by channel order by n) as nth
                from unnest($1::bigint[], $2::text[], $3::text[], $4::bytea[]) with ordinality
                    as s(channel, from_uid, client_msg_no, payload, n)
            ), taken as (
                update floor_channel c set last_seq = last_seq + n
                from (select channel, count(*) as n from sent group by channel) counted where c.pk = counted.channel
                returning c.pk, c.last_seq - counted.n as base
            )
            insert into floor_message select s.channel, taken.base + s.nth, s.from_uid, s.client_msg_no, s.payload
            from sent s join taken on taken.pk = s.channel""";

    private static final int CHANNELS = 100;
    private static final int PAYLOAD = 90;

    private final Latency commits = new Latency();
    private int batches;

    @Override
    public void run(World world, Result result) throws Exception {
        int size = world.settings().number("batch", 200);
        PgConnectOptions server = PgConnectOptions.fromUri(
                        world.settings().text("postgres", "postgresql://postgres@127.0.0.1/postgres"))
                .setCachePreparedStatements(true)
                .addProperty("plan_cache_mode", "force_generic_plan")
                .addProperty("client_min_messages", "warning");
        Vertx vertx = Vertx.vertx();
        try {
            PgConnection connection = get(PgConnection.connect(vertx, server));
            get(connection.query(TABLES).execute());
            world.say("inserting");
            insert(connection, size, world.warmUp());
            commits.begin();
            Meter meter = world.meter(new Counter("row", () -> (long) batches * size));
            insert(connection, size, world.time());
            meter.stop(result);
            result.latency("commit", commits);
            get(connection.query("drop table floor_message, floor_channel").execute());
        } finally {
            get(vertx.close());
        }
    }

    private void insert(PgConnection connection, int size, Duration time) throws Exception {
        Long[] channels = IntStream.range(0, size).mapToObj(i -> 1L + i % CHANNELS).toArray(Long[]::new);
        Buffer[] payloads = new Buffer[size];
        Arrays.fill(payloads, Buffer.buffer("x".repeat(PAYLOAD)));
        long end = System.nanoTime() + time.toNanos();
        for (long at = System.nanoTime(); at < end; at = System.nanoTime()) {
            int number = batches++;
            String[] names = IntStream.range(0, size).mapToObj(i -> number + "-" + i).toArray(String[]::new);
            get(connection.preparedQuery(INSERT).execute(Tuple.of(channels, names, names, payloads)));
            commits.ended(at);
        }
    }

    private static <T> T get(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
    }
}
