package dev.herald.eventlog;

import static dev.herald.it.Sql.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.eventlog.EventLog.NewEvent;
import dev.herald.it.Sql;
import dev.herald.it.Stores;
import dev.herald.postgres.PgClients;
import dev.herald.presencelog.PresenceLog;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Transaction;
import java.util.List;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class EventLogIT {
    private final Vertx vertx = Vertx.vertx();
    private final PgClients pg = PgClients.open(vertx, Stores.freshPostgres(), 4);
    private final Sql sql = new Sql(pg.statements());
    private SqlConnection hung;
    private Transaction transaction;

    @BeforeEach
    void begin() {
        hung = await(pg.transactions().getConnection());
        transaction = await(hung.begin());
    }

    @AfterEach
    void close() {
        await(vertx.close());
    }

    @Test
    void a_repeat_with_more_waits_for_the_first_and_adds_what_is_new() {
        await(EventLog.append(hung, keyed(1, 2)));
        Future<Void> repeat = EventLog.append(pg.transactions(), keyed(1, 3));
        awaitWaiting();
        await(transaction.commit());

        await(repeat);
        assertThat(recorded()).containsExactly("1", "2", "3");
    }

    @Test
    void a_repeat_of_what_was_rolled_back_records_it() {
        await(EventLog.append(hung, keyed(1, 2)));
        Future<Void> repeat = EventLog.append(pg.transactions(), keyed(1, 3));
        awaitWaiting();
        await(transaction.rollback());

        await(repeat);
        assertThat(recorded()).containsExactly("1", "2", "3");
    }

    @Test
    void writers_that_overlap_crosswise_neither_lock_each_other_nor_disorder() {
        await(EventLog.append(hung, keyed(5, 5)));
        List<Future<Void>> writers = List.of(
                EventLog.append(pg.transactions(), keyed(6, 8)),
                EventLog.append(pg.transactions(), keyed(5, 7)),
                EventLog.append(pg.transactions(), keyed(5, 9)));
        awaitWaiting();
        await(transaction.commit());

        await(Future.all(writers));
        assertThat(recorded())
                .containsExactlyInAnyOrder("5", "6", "7", "8", "9")
                .startsWith("5")
                .endsWith("9");
    }

    /** What is recorded of large groups takes long, and presence has a turn of its own. */
    @Test
    void writers_of_other_lanes_and_of_presence_do_not_wait() {
        await(EventLog.append(hung, keyed(1, 2)));

        await(EventLog.append(pg.transactions(), List.of(new NewEvent("type", "u:u2", new JsonObject(), "u2:1"))));
        await(PresenceLog.record(pg.transactions(), List.of(), false));
        await(transaction.commit());
    }

    @Test
    void an_event_without_a_key_waits_for_nobody_and_is_never_the_same() {
        await(EventLog.append(hung, keyed(1, 1)));
        NewEvent plain = new NewEvent("type", "c:1", new JsonObject().put("n", 7));
        await(EventLog.append(pg.transactions(), List.of(plain)));
        await(EventLog.append(pg.transactions(), List.of(plain, plain)));
        await(transaction.commit());

        assertThat(recorded()).containsExactly("1", "7", "7", "7");
    }

    /** In the order in which readers go. */
    private List<String> recorded() {
        return sql.rows("select data->>'n' from event order by txid, id");
    }

    private void awaitWaiting() {
        Awaitility.await()
                .until(() -> !sql.value("select count(*) from pg_locks where locktype = 'advisory' and not granted")
                        .equals("0"));
    }

    private static List<NewEvent> keyed(int from, int to) {
        return IntStream.rangeClosed(from, to)
                .mapToObj(i -> new NewEvent("type", "u:u1", new JsonObject().put("n", i), "u1:" + i))
                .toList();
    }
}
