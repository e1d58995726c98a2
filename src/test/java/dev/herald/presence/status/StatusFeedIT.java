package dev.herald.presence.status;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.herald.bus.message.PresenceMessage.StatesChanged;
import dev.herald.bus.message.PresenceMessage.UserState;
import dev.herald.it.OnLoop;
import dev.herald.it.Sql;
import dev.herald.it.Stores;
import dev.herald.postgres.PgClients;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Transaction;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The feed as the sockets of a node follow it, without a word of those who write it. */
@Timeout(60)
class StatusFeedIT {
    private final Vertx vertx = Vertx.vertx();
    private final OnLoop loop = new OnLoop(vertx.getOrCreateContext());
    private final PgClients pg = PgClients.open(vertx, Stores.freshPostgres(), 4);
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final List<StatusFeed> feeds = new CopyOnWriteArrayList<>();
    private final List<StatesChanged> heard = new CopyOnWriteArrayList<>();

    @AfterEach
    void close() {
        feeds.forEach(feed -> loop.call(feed::stop));
        Sql.await(vertx.close());
    }

    @Test
    void what_a_state_does_not_show_yet_is_told_however_late_it_commits() {
        StatusFeed feed = feed(Duration.ofMinutes(1));
        tell(pg.statements(), "u1", true, 1);
        SqlConnection late = Sql.await(pg.transactions().getConnection());
        Transaction transaction = Sql.await(late.begin());
        tell(late, "u1", false, 2);

        assertThat(follow(feed, "u1", "u2"))
                .containsExactly(state("u1", true, 1), new UserState("u2", false, 0, 0, 0, 0, 0));
        tell(pg.statements(), "u2", true, 3);
        Sql.await(transaction.commit());

        await().untilAsserted(() -> assertThat(told()).containsExactly(state("u1", false, 2), state("u2", true, 3)));
        assertThat(heard.getFirst()).isEqualTo(new StatesChanged(List.of(), true));
        assertThat(gaps()).isEqualTo(1);
    }

    @Test
    void of_what_changed_together_the_newest_of_each_user_is_told() {
        StatusFeed feed = feed(Duration.ofMinutes(1));
        follow(feed);
        Sql.await(pg.transactions().withTransaction(tx -> {
            Future<?> all = Future.succeededFuture();
            for (int version = 1; version <= 40; version++) {
                all = Future.join(all, insert(tx, "u" + version % 2, version % 4 < 2, version));
            }
            return all.mapEmpty();
        }));

        await().untilAsserted(() ->
                assertThat(told()).containsExactlyInAnyOrder(state("u1", false, 39), state("u0", true, 40)));
    }

    @Test
    void says_that_there_is_a_gap_when_its_place_is_not_kept_any_more_and_goes_on() {
        StatusFeed feed = feed(Duration.ofMinutes(1));
        follow(feed);
        assertThat(gaps()).isEqualTo(1);

        Sql sql = new Sql(pg.statements());
        String before = sql.value("select txid from event_floor");
        sql.run("update event_floor set txid = " + (1L << 60));
        await().until(() -> gaps() > 1);
        sql.run("update event_floor set txid = " + before);
        tell(pg.statements(), "u1", true, 1);

        await().untilAsserted(() -> assertThat(told()).containsExactly(state("u1", true, 1)));
        assertThat(heard.stream().filter(StatesChanged::gap).count()).isEqualTo((long) gaps());
    }

    @Test
    void rests_while_nobody_watches_and_says_where_it_begins_again() {
        StatusFeed feed = feed(Duration.ofSeconds(3));
        follow(feed);
        tell(pg.statements(), "u1", true, 1);
        await().until(() -> follow(feed).isEmpty() && told().size() == 1);
        double before = gaps();
        await().pollDelay(Duration.ofSeconds(4)).until(() -> told().size() == 1);
        tell(pg.statements(), "u1", false, 2);

        assertThat(follow(feed, "u1")).containsExactly(state("u1", false, 2));
        assertThat(gaps()).isEqualTo(before + 1);
        assertThat(told()).containsExactly(state("u1", true, 1));
    }

    private StatusFeed feed(Duration idleAfter) {
        StatusFeed feed = loop.call(
                () -> Future.succeededFuture(new StatusFeed(vertx, pg.statements(), idleAfter, heard::add, meters)));
        feeds.add(feed);
        return feed;
    }

    private List<UserState> follow(StatusFeed feed, String... uids) {
        return loop.call(() -> feed.follow(List.of(uids))).users();
    }

    private List<UserState> told() {
        return heard.stream().flatMap(changed -> changed.users().stream()).toList();
    }

    private double gaps() {
        return meters.get("herald.watch.gaps").counter().count();
    }

    private static UserState state(String uid, boolean online, long version) {
        return new UserState(uid, online, version, version, 1, 1, 0);
    }

    private static void tell(SqlClient client, String uid, boolean online, long version) {
        Sql.await(insert(client, uid, online, version));
    }

    private static Future<?> insert(SqlClient client, String uid, boolean online, long version) {
        return client.preparedQuery("""
                        with told as (insert into event (lane, type, key, data) select 1, 'user.onlinestatus', 'u:' || $1,
                            json_build_object('uid', $1::text, 'online', $2::boolean, 'scope', 'user', 'version', $3::bigint,
                                'since', $3::bigint, 'device_flag', 1, 'devices', case when $2 then '{"1":1}' else '{}' end::json))
                        insert into user_presence (uid, online, version, since, reason, node, devices)
                        values ($1, $2, $3, to_timestamp($3 / 1000.0), 'connect', 1, '{"1":1}')
                        on conflict (uid) do update set online = excluded.online, version = excluded.version,
                            since = excluded.since""").execute(Tuple.of(uid, online, version));
    }
}
