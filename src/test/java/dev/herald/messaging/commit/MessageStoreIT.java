package dev.herald.messaging.commit;

import static dev.herald.it.Sql.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.herald.endpoint.Endpoints;
import dev.herald.it.Blocked;
import dev.herald.it.Sql;
import dev.herald.it.Stores;
import dev.herald.messaging.Messages;
import dev.herald.messaging.commit.MessageStore.Outcome;
import dev.herald.messaging.judge.Accepted;
import dev.herald.messaging.judge.ChannelRow;
import dev.herald.messaging.judge.ChannelTable;
import dev.herald.messaging.judge.Pending;
import dev.herald.messaging.roster.Roster;
import dev.herald.model.ChannelKey;
import dev.herald.postgres.PgClients;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
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
    private final ChannelTable channels = new ChannelTable(pg, Duration.ofMillis(20));
    private final MessageStore store = new MessageStore(pg, () -> true, Duration.ofSeconds(30));

    @AfterEach
    void close() {
        await(vertx.close());
    }

    /** A batch that began first is kept waiting at one channel, while another one writes to the next. */
    @Test
    void events_of_a_channel_are_read_in_its_sequence_whichever_batch_began_first() {
        await(new Endpoints(pg).record(List.of("msg.notify")));
        makeGroups();
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

    @Test
    void what_changes_while_a_batch_waits_for_it_outdates_the_judgement() {
        makeGroups();
        try (Blocked ban =
                Blocked.by(pg, "update channel set ban = true, revision = 2 where channel_id = 'g2' returning pk")) {
            Future<Outcome> all = store("g1", "g2", "g3");
            ban.awaitWaiting(1, all);
            ban.end();

            assertThat(await(all).outdated()).containsExactly(ChannelKey.group("g2"));
        }
        assertThat(sql.rows("select seq from message")).isEmpty();
        assertThat(sql.rows("select distinct last_seq from channel")).containsExactly("0");
    }

    @Test
    void a_batch_gives_up_what_is_held_for_long_and_learns_which_channel_it_is() {
        makeGroups();
        MessageStore hurried = new MessageStore(pg, () -> false, Duration.ofMillis(20));
        List<Accepted> batch = List.of(accepted("g1"), accepted("g2"));
        try (Blocked held = Blocked.by(pg, "select pk from channel where channel_id = 'g2' for update")) {
            Future<Outcome> refused = hurried.store(batch, judgedBy(batch));

            assertThatThrownBy(() -> await(refused)).hasMessageContaining("lock timeout");
            assertThat(await(channels.busy(List.of(ChannelKey.group("g1"), ChannelKey.group("g2")))))
                    .containsExactly(ChannelKey.group("g2"));
            held.end();
        }
        assertThat(await(channels.busy(List.of(ChannelKey.group("g2"))))).isEmpty();
        assertThat(await(hurried.store(batch, judgedBy(batch))).places()).hasSize(2);
    }

    @Test
    void a_channel_that_somebody_else_is_making_keeps_nobody_waiting_and_no_other_from_being_made() {
        ChannelKey theirs = ChannelKey.group("theirs");
        ChannelKey ours = ChannelKey.conversation("u1", "u2");
        try (Blocked held =
                Blocked.by(pg, "insert into channel (channel_id, channel_type) values ('theirs', 2) returning pk")) {
            Future<Void> made = channels.create(List.of(theirs, ours));

            assertThatThrownBy(() -> await(made)).hasMessageContaining("lock timeout");
            assertThat(await(channels.busy(List.of(theirs, ours)))).containsExactly(theirs);
            held.end();
        }
        await(channels.create(List.of(theirs)));
        assertThat(await(channels.find(List.of(theirs, ours)))).containsOnlyKeys(theirs, ours);
        assertThat(sql.rows("select uid from member order by uid")).containsExactly("u1", "u2");
    }

    private void makeGroups() {
        sql.run(
                "insert into channel (channel_id, channel_type, revision) select 'g' || n, 2, 1 from generate_series(1, 3) n");
    }

    private Future<Outcome> store(String... groups) {
        List<Accepted> batch = Stream.of(groups).map(this::accepted).toList();
        return store.store(batch, judgedBy(batch));
    }

    private static Map<ChannelKey, Optional<ChannelRow>> judgedBy(List<Accepted> batch) {
        return batch.stream()
                .collect(Collectors.toMap(each -> each.pending().stored(), each -> Optional.of(each.channel())));
    }

    private Accepted accepted(String group) {
        ChannelKey key = ChannelKey.group(group);
        Map<ChannelKey, ChannelRow> rows = await(channels.find(List.of(key)));
        Pending pending = Pending.of(Messages.group("u1", group, Long.toString(System.nanoTime())));
        return new Accepted(pending, rows.get(key), Roster.EMPTY);
    }
}
