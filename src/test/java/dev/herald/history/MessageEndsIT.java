package dev.herald.history;

import static dev.herald.it.Sql.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.config.Retentions;
import dev.herald.it.Sql;
import dev.herald.it.Stores;
import dev.herald.postgres.PgClients;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class MessageEndsIT {
    private final Vertx vertx = Vertx.vertx();
    private final PgClients pg = PgClients.open(vertx, Stores.freshPostgres(), 8);
    private final Sql sql = new Sql(pg.statements());
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final MessageEnds ends = new MessageEnds(pg, Retentions.of("2=P10D, 9=P4D"), new HistoryMeters(meters));

    @AfterEach
    void close() {
        await(vertx.close());
    }

    @Test
    void what_is_over_is_removed_and_nothing_else() {
        channel("g1", 2);
        messages("g1", 1, 3_000, "now()");
        sql.run("update message set expires_at = now() where seq <= 2500");
        sql.run("update message set expires_at = now() + interval '1 hour' where seq = 2501");

        await(ends.sweepExpired());

        assertThat(sql.rows("select min(seq), count(*) from message")).containsExactly("2501 500");
        assertThat(meters.counter("herald.messages.removed", "reason", "expired")
                        .count())
                .isEqualTo(2500);
    }

    @Test
    void each_type_of_channel_keeps_its_messages_as_long_as_it_is_told() {
        channel("g1", 2);
        channel("live", 9);
        channel("a@b", 1);
        for (String id : new String[] {"g1", "live", "a@b"}) {
            messages(id, 1, 700, "now() - interval '20 days'");
            messages(id, 701, 800, "now() - interval '5 days'");
            messages(id, 801, 900, "now()");
        }

        await(ends.sweepRetired());

        assertThat(left("g1")).isEqualTo("701 200");
        assertThat(left("live")).isEqualTo("801 100");
        assertThat(left("a@b")).isEqualTo("1 900");
        assertThat(sql.value("select first_at = (select min(created_at) from message m where m.channel = c.pk)"
                        + " from channel c where channel_id = 'g1'"))
                .isEqualTo("true");
        assertThat(meters.counter("herald.messages.removed", "reason", "retention")
                        .count())
                .isEqualTo(1500);
    }

    @Test
    void a_channel_of_which_nothing_is_left_waits_for_its_next_message() {
        channel("g1", 2);
        messages("g1", 1, 600, "now() - interval '20 days'");

        await(ends.sweepRetired());

        assertThat(sql.rows("select first_at is null, last_seq from channel")).containsExactly("true 600");
        assertThat(sql.value("select count(*) from message")).isEqualTo("0");
    }

    @Test
    void many_channels_are_done_in_one_sweep_by_two_nodes_at_once() {
        for (int i = 0; i < 70; i++) {
            channel("g" + i, 2);
            messages("g" + i, 1, 30, "now() - interval '20 days'");
            messages("g" + i, 31, 40, "now()");
        }
        MessageEnds other = new MessageEnds(pg, Retentions.of("2=P10D"), new HistoryMeters(meters));

        await(Future.join(ends.sweepRetired(), other.sweepRetired()));

        assertThat(sql.rows("select min(seq), count(*) from message")).containsExactly("31 700");
        assertThat(sql.value("select count(*) from channel where first_at < now() - interval '10 days'"))
                .isEqualTo("0");
    }

    @Test
    void without_a_retention_nothing_is_removed() {
        channel("g1", 2);
        messages("g1", 1, 10, "now() - interval '9000 days'");

        await(new MessageEnds(pg, Retentions.NONE, new HistoryMeters(meters)).sweepRetired());

        assertThat(left("g1")).isEqualTo("1 10");
    }

    private void channel(String id, int type) {
        sql.run("insert into channel (channel_id, channel_type) values ('" + id + "', " + type + ")");
    }

    private void messages(String channel, int first, int last, String at) {
        sql.run(
                "insert into message (channel, seq, from_uid, client_msg_no, flags, setting, expire, topic, payload, created_at)"
                        + " select pk, n, 'u1', 'c' || n, 0, 0, 0, '', 'x', " + at + " from channel, generate_series("
                        + first
                        + ", " + last + ") n where channel_id = '" + channel + "'");
        sql.run("update channel set last_seq = " + last + ", last_at = " + at + ", first_at = coalesce(first_at, " + at
                + ") where channel_id = '" + channel + "'");
    }

    private String left(String channel) {
        return sql.value(
                "select min(seq) || ' ' || count(*) from message m join channel c on c.pk = m.channel"
                        + " where channel_id = $1",
                channel);
    }
}
