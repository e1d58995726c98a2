package dev.herald.fanout.inbox;

import static dev.herald.it.Sql.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.endpoint.Endpoints;
import dev.herald.fanout.inbox.CursorTable.Row;
import dev.herald.it.Blocked;
import dev.herald.it.Sql;
import dev.herald.it.Stores;
import dev.herald.postgres.PgClients;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.OffsetDateTime;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CursorTableIT {
    private final Vertx vertx = Vertx.vertx();
    private final PgClients pg = PgClients.open(vertx, Stores.freshPostgres(), 8);
    private final Sql sql = new Sql(pg.statements());
    private final CursorTable table = new CursorTable(pg.transactions(), () -> {});

    @AfterEach
    void close() {
        await(vertx.close());
    }

    /** A node that began first is kept waiting at one user, while another one stores the next. */
    @Test
    void acknowledgements_of_a_user_are_read_in_their_order_whichever_node_began_first() {
        await(new Endpoints(pg).record(List.of("cmd.acknowledged")));
        await(store(1, "u1", "u2", "u3"));
        try (Blocked second = Blocked.by(pg, "select from device_cursor where uid = 'u2' for update")) {
            Future<Void> all = store(3, "u1", "u2", "u3");
            second.awaitWaiting(1, all);
            Future<Void> last = store(2, "u3");
            second.awaitWaiting(2, last);
            second.end();
            await(Future.all(all, last));
        }

        assertThat(sql.rows("select data->>'seq' from event where data->>'uid' = 'u3' order by txid, id"))
                .isSortedAccordingTo(Comparator.comparingInt(Integer::parseInt))
                .contains("3");
    }

    @Test
    void a_device_that_another_node_stored_first_can_be_forgotten_all_the_same() {
        OffsetDateTime came = OffsetDateTime.now();
        await(store(came.plusSeconds(1), false, 0, "u1"));
        await(store(came, true, 0, "u1"));
        assertThat(sql.value("select seen_at > now() - interval '2 minutes' from device_cursor"))
                .isEqualTo("true");

        sql.run("update device_cursor set seen_at = now() - interval '1 day'");
        await(store(came.plusSeconds(2), false, 1, "u1"));
        assertThat(sql.value("select seen_at > now() - interval '2 minutes' from device_cursor"))
                .as("others' acknowledgements are none of its own")
                .isEqualTo("false");
        await(store(came.plusSeconds(3), true, 2, "u1"));
        assertThat(sql.value("select seen_at > now() - interval '2 minutes' from device_cursor"))
                .isEqualTo("true");
    }

    private Future<Void> store(long seq, String... uids) {
        return store(OffsetDateTime.now(), true, seq, uids);
    }

    private Future<Void> store(OffsetDateTime asOf, boolean seen, long seq, String... uids) {
        List<Row> rows = Stream.of(uids)
                .map(uid -> new Row(uid, (short) 1, seq, 0, 9, seen, false))
                .toList();
        return table.store(rows, 1, asOf);
    }
}
