package dev.herald.presence.session;

import static dev.herald.it.Sql.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.it.Blocked;
import dev.herald.it.Sql;
import dev.herald.it.Stores;
import dev.herald.postgres.PgClients;
import dev.herald.presencelog.PresenceLog;
import io.vertx.core.Context;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An append that is given up here and goes on in the database. */
@Timeout(60)
class EdgeLogIT {
    private final Vertx vertx = Vertx.vertx();
    private final PgClients pg = PgClients.open(vertx, Stores.freshPostgres(), 8);
    private final Sql sql = new Sql(pg.statements());
    private final Context owner = vertx.getOrCreateContext();
    private final AtomicInteger appends = new AtomicInteger();
    private final EdgeLog log = new EdgeLog(
            vertx,
            Duration.ofMillis(200),
            edges -> {
                appends.incrementAndGet();
                return PresenceLog.record(pg.transactions(), edges, true);
            },
            edges -> {},
            () -> {});

    @AfterEach
    void close() {
        await(vertx.close());
    }

    @Test
    void appends_that_overlap_record_each_edge_once_and_in_order() {
        Blocked lock = Blocked.by(pg, "lock table event in exclusive mode");
        add(1, true);
        Awaitility.await().until(() -> appends.get() == 2);
        add(2, false);
        Awaitility.await().until(() -> appends.get() == 3);
        add(3, true);
        add(4, false);
        Awaitility.await().until(() -> appends.get() >= 4);
        assertThat(sql.value("select count(*) from pg_locks where not granted")).isNotIn("0", "1");
        lock.end();

        Promise<Void> flushed = Promise.promise();
        owner.runOnContext(now -> log.flush().onComplete(flushed));
        await(flushed.future());
        assertThat(sql.rows("select data->>'version', data->>'online' from event order by txid, id"))
                .containsExactly("1 true", "2 false", "3 true", "4 false");
        assertThat(sql.rows("select uid, online, version from user_presence")).containsExactly("u1 false 4");
    }

    private void add(long version, boolean online) {
        owner.runOnContext(now -> log.add(List.of(Edges.of("u1", version, online))));
    }
}
