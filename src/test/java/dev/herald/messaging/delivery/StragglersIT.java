package dev.herald.messaging.delivery;

import static dev.herald.it.Sql.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.bus.message.MessagingMessage.ChannelMessage;
import dev.herald.bus.message.MessagingMessage.ChannelMessages;
import dev.herald.it.OnLoop;
import dev.herald.it.Sql;
import dev.herald.it.Stores;
import dev.herald.messagelog.Tails;
import dev.herald.messaging.delivery.Sequencer.Item;
import dev.herald.postgres.PgClients;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class StragglersIT {
    private final Vertx vertx = Vertx.vertx();
    private final PgClients pg = PgClients.open(vertx, Stores.freshPostgres(), 2);
    private final Sql sql = new Sql(pg.statements());
    private final Cluster cluster = new Cluster();
    private final Sequencer<Integer> order = new Sequencer<>(new Nowhere(), () -> 0, 10);
    private final Set<String> away = new HashSet<>();
    private final List<ChannelMessage> found = new ArrayList<>();
    private long now;
    private final Stragglers stragglers =
            new Stragglers(cluster, new Tails(pg), order, uids -> Future.succeededFuture(away), this::take, () -> now);

    private static final class Cluster implements Stragglers.Cluster {
        private Set<String> nodes = Set.of("here", "there");
        private boolean cut;

        @Override
        public Set<String> nodes() {
            return nodes;
        }

        @Override
        public boolean isCut() {
            return cut;
        }
    }

    private static final class Nowhere implements Sequencer.Port<Integer> {
        @Override
        public Future<Sequencer.Found<Integer>> missing(Item<Integer> before, OptionalLong after) {
            return Future.succeededFuture(new Sequencer.Found<>(List.of(), false));
        }

        @Override
        public void deliver(List<Integer> messages) {}

        @Override
        public void skipped(Item<Integer> before, OptionalLong after) {}

        @Override
        public void shed(Integer message) {}
    }

    private Future<Void> take(ChannelMessages messages) {
        found.addAll(messages.messages());
        return Future.succeededFuture();
    }

    @BeforeEach
    void begin() {
        await(stragglers.look());
        sql.run(
                "insert into channel (channel_id, channel_type, revision, last_seq) values ('g1', 2, 5, 0), ('a@b', 1, 0, 0)");
    }

    @AfterEach
    void close() {
        await(vertx.close());
    }

    @Test
    void finds_the_newest_of_each_channel_once_a_node_is_gone() {
        store("g1", 3, 10);
        store("a@b", 2, 10);
        cluster.nodes = Set.of("here");

        await(stragglers.look());

        assertThat(found)
                .extracting(message -> message.stored().id() + " "
                        + message.delivery().messageSeq() + " " + message.revision() + " " + message.late())
                .containsExactlyInAnyOrder("g1 3 5 true", "a@b 2 0 true");
        assertThat(found)
                .filteredOn(message -> message.stored().isPerson())
                .extracting(ChannelMessage::uids)
                .containsExactly(Set.of("a", "b"));
    }

    @Test
    void what_is_over_hides_nothing_that_came_before_it() {
        store("g1", 2, 10);
        sql.run("update message set expires_at = now() where seq = 2");
        cluster.cut = true;

        await(stragglers.look());

        assertThat(found).extracting(message -> message.delivery().messageSeq()).containsExactly(1L);
    }

    @Test
    void looks_for_nothing_while_all_are_there_and_not_for_ever_after() {
        store("g1", 1, 10);
        await(stragglers.look());
        assertThat(found).isEmpty();

        cluster.cut = true;
        await(stragglers.look());
        assertThat(found).hasSize(1);

        cluster.cut = false;
        now = Stragglers.TROUBLE.toMillis();
        await(stragglers.look());
        assertThat(found).hasSize(1);
    }

    @Test
    void leaves_out_what_was_delivered_what_was_just_stored_and_what_nobody_here_receives() {
        store("g1", 2, 10);
        order.accept(List.of(new Item<>(pk("g1"), 2, true, 2)));
        store("a@b", 1, 10);
        away.addAll(Set.of("a", "b"));
        sql.run("insert into channel (channel_id, channel_type) values ('g2', 2)");
        store("g2", 1, 0);
        cluster.cut = true;

        await(stragglers.look());

        assertThat(found).isEmpty();
    }

    @Test
    void a_node_alone_looks_for_what_itself_may_have_missed() {
        cluster.nodes = Set.of("here");
        now = Stragglers.TROUBLE.toMillis();
        await(stragglers.look());
        now += Stragglers.TROUBLE.toMillis();
        store("g1", 1, 10);
        await(stragglers.look());
        assertThat(found).isEmpty();

        stragglers.expect();
        await(stragglers.look());

        assertThat(found).hasSize(1);
    }

    @Test
    void looks_for_as_long_as_the_log_is_away_and_until_it_has_answered() {
        store("g1", 1, 10);
        stragglers.expect();
        sql.run("alter table message rename to away");
        for (int i = 0; i < 10; i++) {
            now += Stragglers.INTERVAL.toMillis();
            assertThat(new OnLoop(vertx.getOrCreateContext())
                            .settled(stragglers::look)
                            .failed())
                    .isTrue();
        }
        sql.run("alter table away rename to message");
        now += Stragglers.INTERVAL.toMillis();

        await(stragglers.look());

        assertThat(found).hasSize(1);
    }

    private void store(String channel, int count, int secondsAgo) {
        sql.run("""
                insert into message (channel, seq, from_uid, client_msg_no, flags, setting, expire, topic, payload, created_at)
                select pk, n, 'u1', 'c' || n, 0, 0, 0, '', '{}', now() - interval '%d seconds'
                from channel, generate_series(1, %d) n where channel_id = '%s'""".formatted(secondsAgo, count, channel));
    }

    private long pk(String channel) {
        return Long.parseLong(sql.value("select pk from channel where channel_id = '%s'".formatted(channel)));
    }
}
