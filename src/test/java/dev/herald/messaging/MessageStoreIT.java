package dev.herald.messaging;

import static dev.herald.it.Sql.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.endpoint.Endpoints;
import dev.herald.it.Blocked;
import dev.herald.it.Sql;
import dev.herald.it.Stores;
import dev.herald.messaging.MessageStore.Accepted;
import dev.herald.messaging.MessageStore.Outcome;
import dev.herald.model.ChannelKey;
import dev.herald.postgres.PgClients;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class MessageStoreIT {
    private final Vertx vertx = Vertx.vertx();
    private final PgClients pg = PgClients.open(vertx, Stores.freshPostgres(), 8);
    private final Sql sql = new Sql(pg.statements());
    private final MessageStore store = new MessageStore(pg, () -> true);

    @AfterEach
    void close() {
        await(vertx.close());
    }

    /** A batch that began first is kept waiting at one channel, while another one writes to the next. */
    @Test
    void events_of_a_channel_are_read_in_its_sequence_whichever_batch_began_first() {
        await(new Endpoints(pg).record(List.of("msg.notify")));
        sql.run(
                "insert into channel (channel_id, channel_type, revision) select 'g' || n, 2, 1 from generate_series(1, 3) n");
        try (Blocked second = Blocked.by(pg, "select from channel where channel_id = 'g2' for update")) {
            Future<Outcome> all = store("g1", "g2", "g3");
            second.awaitWaiting(1, all);
            Future<Outcome> last = store("g3");
            second.awaitWaiting(2, last);
            second.end();
            await(Future.all(all, last));
        }

        assertThat(sql.rows("""
                select data->>'seq' from event where type = 'msg.notify' and data->>'channel_id' = 'g3'
                order by txid, id""")).containsExactly("1", "2");
    }

    private Future<Outcome> store(String... groups) {
        List<Accepted> batch = Stream.of(groups).map(this::accepted).toList();
        return store.store(
                batch,
                batch.stream()
                        .collect(Collectors.toMap(
                                each -> each.pending().stored(), each -> Optional.of(each.channel()))));
    }

    private Accepted accepted(String group) {
        ChannelKey key = ChannelKey.group(group);
        Map<ChannelKey, ChannelRow> rows = await(store.channels(List.of(key)));
        Pending pending = Pending.of(Messages.group("u1", group, Long.toString(System.nanoTime())));
        return new Accepted(pending, rows.get(key), Roster.EMPTY);
    }
}
