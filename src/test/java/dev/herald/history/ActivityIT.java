package dev.herald.history;

import static dev.herald.it.Sql.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.herald.it.Sql;
import dev.herald.it.Stores;
import dev.herald.postgres.PgClients;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ActivityIT {
    private final Vertx vertx = Vertx.vertx();
    private final PgClients pg = PgClients.open(vertx, Stores.freshPostgres(), 8);
    private final Sql sql = new Sql(pg.statements());
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final Activity activity = new Activity(pg, new HistoryMeters(meters));

    /** A group of 2,500, silent for three days. */
    @BeforeEach
    void fill() {
        sql.run("insert into channel (channel_id, channel_type, revision, last_seq, last_at, spread_at)"
                + " values ('g1', 2, 1, 5, now() - interval '3 days', now() - interval '3 days')");
        sql.run("insert into member (channel, uid, since, active_at)"
                + " select pk, 'u' || n, 1, now() - interval '3 days' from channel, generate_series(1, 2500) n");
    }

    @AfterEach
    void close() {
        await(vertx.close());
    }

    @Test
    void every_member_of_a_channel_that_woke_is_told_once() {
        sql.run("update member set until = 1, active_at = null where uid = 'u1'");
        sql.run("update member set active_at = null where uid = 'u2'");
        sql.run("update channel set last_at = now(), spread_due = true");

        await(activity.sweep());

        assertThat(sql.value("select count(*) from member m, channel c where m.active_at = c.last_at"))
                .isEqualTo("2498");
        assertThat(sql.value("select count(*) from member where active_at is null"))
                .isEqualTo("2");
        assertThat(sql.rows("select spread_due, spread_at = last_at from channel"))
                .containsExactly("false true");
        assertThat(raised()).isEqualTo(2498);

        await(activity.sweep());
        assertThat(raised()).isEqualTo(2498);
    }

    @Test
    void who_was_active_later_is_not_set_back() {
        sql.run("update channel set last_at = now() - interval '1 day', spread_due = true");
        sql.run("update member set active_at = now() where uid = 'u7'");

        await(activity.sweep());

        assertThat(sql.value("select count(*) from member where active_at > now() - interval '1 hour'"))
                .isEqualTo("1");
        assertThat(raised()).isEqualTo(2499);
    }

    @Test
    void thousands_of_pairs_are_told_in_few_steps() {
        sql.run("insert into channel (channel_id, channel_type, last_seq, last_at, spread_at, spread_due)"
                + " select 'a' || n || '@b' || n, 1, 2, now(), now() - interval '3 days', true"
                + " from generate_series(1, 1200) n");
        sql.run("insert into member (channel, uid, since, active_at)"
                + " select pk, unnest(string_to_array(channel_id, '@')), 0, now() - interval '3 days'"
                + " from channel where channel_type = 1");

        await(activity.sweep());

        assertThat(sql.value("select count(*) from channel where spread_due")).isEqualTo("0");
        assertThat(sql.value("select count(*) from member m join channel c on c.pk = m.channel"
                        + " where c.channel_type = 1 and m.active_at = c.last_at"))
                .isEqualTo("2400");
    }

    @Test
    void two_nodes_may_do_the_same_while_messages_come() {
        sql.run("update channel set last_at = now(), spread_due = true");
        Activity other = new Activity(pg, new HistoryMeters(meters));

        Future<Void> both = Future.join(activity.sweep(), other.sweep()).mapEmpty();
        for (int i = 0; i < 50; i++) {
            sql.run("update channel set last_seq = last_seq + 1, last_at = clock_timestamp() where channel_id = 'g1'");
        }
        await(both);

        assertThat(sql.value("select spread_due from channel")).isEqualTo("false");
        assertThat(sql.value("select count(*) from member m, channel c where m.active_at < c.spread_at"))
                .isEqualTo("0");
    }

    @Test
    void a_channel_that_is_refused_keeps_no_other_waiting() {
        sql.run("insert into channel (channel_id, channel_type, revision, last_seq, last_at, spread_at)"
                + " values ('g2', 2, 1, 1, now(), now() - interval '3 days')");
        sql.run("insert into member (channel, uid, since, active_at)"
                + " select pk, 'v1', 1, now() - interval '3 days' from channel where channel_id = 'g2'");
        sql.run("update channel set last_at = now(), spread_due = true");
        sql.run(
                "alter table member add constraint refused check (uid = 'v1' or active_at < now() - interval '2 days')");

        assertThatThrownBy(() -> await(activity.sweep())).hasMessageContaining("refused");

        assertThat(sql.rows("select channel_id from channel where spread_due")).containsExactly("g1");
        assertThat(raised()).isEqualTo(1);
    }

    private long raised() {
        return (long) meters.counter("herald.conversations.raised").count();
    }
}
