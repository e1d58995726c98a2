package dev.herald.fanout.rebuild;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.herald.fanout.Inbox;
import dev.herald.fanout.Node;
import dev.herald.fanout.Reader;
import dev.herald.fanout.inbox.FanoutMeters;
import dev.herald.fanout.inbox.Pointer;
import dev.herald.fanout.inbox.Readers;
import dev.herald.fanout.inbox.Resyncs;
import dev.herald.it.Blocked;
import dev.herald.it.Sql;
import dev.herald.model.DeviceFlag;
import dev.herald.redis.UserKeys;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.redis.client.Command;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** How inboxes come back from PostgreSQL. */
@Timeout(60)
class RebuildsIT {
    private static final String UID = "u1";

    @RegisterExtension
    final Node node = new Node();

    private final Inbox inbox = new Inbox(node, UID);

    @Test
    void an_epoch_asked_for_too_soon_is_refused_for_now() {
        lose();
        assertThatThrownBy(() -> node.call(() -> node.epoch.renew(node.redis)))
                .cause()
                .satisfies(cause -> assertThat(dev.herald.failure.HeraldException.failureOf(cause)
                                .retryable())
                        .isTrue());
    }

    @Test
    void what_was_asked_before_a_second_loss_does_not_pass_for_known_after_it() {
        inbox.open(DeviceFlag.APP);
        lose();
        assertThat(node.epoch.number()).isEqualTo(2);
        Blocked held = Blocked.by(node.pg, "lock table device_cursor in access exclusive mode");
        Promise<Void> rebuilt = Promise.promise();
        node.call(() -> {
            rebuilds(node.pg.transactions(), Duration.ZERO).rebuild(UID).onComplete(rebuilt);
            return Future.succeededFuture();
        });
        held.awaitWaiting(1, rebuilt.future());
        lose();
        assertThat(node.epoch.number()).isEqualTo(3);
        held.end();
        Sql.await(rebuilt.future());

        assertThat(node.redis(Command.HGET, UserKeys.cursors(UID), "epoch")).hasToString("2");
        inbox.read(0, 1);
        assertThat(node.redis(Command.HGET, UserKeys.cursors(UID), "epoch")).hasToString("3");
    }

    @Test
    void a_command_to_an_agent_channel_comes_back() {
        long channel = node.sql("insert into channel (channel_id, channel_type) values ('u1@bot', 11) returning pk")
                .getFirst()
                .getLong(0);
        node.sql("insert into member (channel, uid, since) select $1, u, 0 from unnest('{u1,bot}'::text[]) u", channel);
        inbox.open(DeviceFlag.APP);
        long command = node.command(channel, 0);
        node.sql("update cmd set done_at = now()");
        inbox.append(command);
        lose();

        assertThat(inbox.read(0, 10).pointers()).extracting(Pointer::commandId).containsExactly(command);
    }

    /** Callers choose the keys: one may be the number of another command. */
    @Test
    void a_command_without_a_key_comes_back_whatever_the_keys_of_others_are() {
        inbox.open(DeviceFlag.APP);
        List<Long> ids = node.commands(UID, 3);
        node.sql(
                "update cmd set done_at = now(), coalesce_key = case when id > $1 then $1::bigint::text end",
                ids.getFirst());
        lose();
        assertThat(inbox.read(0, 10).pointers())
                .extracting(Pointer::commandId)
                .containsExactly(ids.getFirst(), ids.getLast());
    }

    @Test
    void who_lacks_what_the_retention_ended_is_told_though_the_pointers_to_it_are_lost() {
        node.deploy(1);
        long old = node.command("behind", "up-to-date", "never-came");
        await().until(node::allDone);
        Inbox upToDate = new Inbox(node, "up-to-date");
        Inbox later = new Inbox(node, "later");
        Inbox behind = new Inbox(node, "behind");
        List.of(behind, upToDate, later).forEach(each -> each.open(DeviceFlag.APP));
        upToDate.ack(DeviceFlag.APP, 1, old);
        store("behind", "up-to-date");
        node.sql("update device_cursor set seen_at = 'infinity'");
        node.retain(Duration.ZERO);
        assertThat(node.sql("select from cmd")).isEmpty();
        long young = node.command("behind", "up-to-date", "later");
        await().until(node::allDone);
        store("behind", "up-to-date", "later");
        lose();

        Reader reader = new Reader(node, "behind", DeviceFlag.APP);
        await().untilAsserted(() -> assertThat(reader.read(0))
                .extracting(entry -> entry.command().payload().text())
                .containsExactly("{}", "{\"type\":99,\"cmd\":\"resync\",\"param\":{\"reason\":\"expired\"}}"));
        for (Inbox each : List.of(upToDate, later)) {
            assertThat(each.read(0, 10).pointers())
                    .extracting(Pointer::commandId)
                    .containsExactly(young);
            assertThat(each.opened(DeviceFlag.APP).fresh()).isFalse();
        }
        assertThat(node.sql("select unnest(uids) from cmd where channel_id = 'resync'"))
                .extracting(row -> row.getString(0))
                .containsExactly("behind");
        assertThat(new Inbox(node, "never-came").opened(DeviceFlag.APP).fresh()).isTrue();
    }

    @Test
    void who_was_not_told_yet_that_something_is_missing_is_told_though_redis_was_lost() {
        inbox.append(node.command(UID));
        node.sql("update cmd set done_at = now()");
        assertThat(inbox.opened(DeviceFlag.APP).fresh()).isFalse();
        assertThat(inbox.opened(DeviceFlag.WEB).fresh()).isTrue();
        lose();
        assertThat(inbox.opened(DeviceFlag.WEB).fresh()).isTrue();
        assertThat(inbox.opened(DeviceFlag.APP).fresh()).isFalse();

        inbox.ack(DeviceFlag.WEB, inbox.open(DeviceFlag.WEB), 1);
        node.call(() -> node.cursors().flush());
        lose();
        assertThat(inbox.opened(DeviceFlag.WEB).fresh())
                .as("it has acknowledged")
                .isFalse();
    }

    @Test
    void a_pull_that_was_not_told_yet_that_the_list_was_cut_is_told_though_redis_was_lost() {
        inbox.open(DeviceFlag.APP);
        inbox.append(node.command(UID));
        inbox.ackPull(1, 1);
        node.call(() -> node.cursors().flush());
        node.sql("update device_cursor set seen_at = now() - interval '31 days' where device_flag = 0");
        node.retain(Duration.ofDays(30));
        lose();
        assertThat(inbox.pull(Readers.PULL_FLAG, 10)
                        .entries()
                        .getFirst()
                        .command()
                        .payload()
                        .text())
                .contains("expired");
    }

    @Test
    void each_time_that_a_list_is_over_the_bound_its_user_is_told() {
        node.bound(5);
        inbox.open(DeviceFlag.APP);
        lose();
        for (int cuts = 1; cuts <= 3; cuts++) {
            node.commands(UID, 6);
            node.sql("update cmd set done_at = now()");
            for (int repeat = 0; repeat < 2; repeat++) {
                node.redis(Command.HSET, UserKeys.cursors(UID), "epoch", "1");
                inbox.read(0, 1);
            }
            assertThat(node.sql("select from cmd where channel_id = 'resync'"))
                    .as("and once, however often it is repeated")
                    .hasSize(cuts);
        }
    }

    @Test
    void a_device_that_postgres_has_forgotten_holds_no_list() {
        inbox.open(DeviceFlag.APP);
        inbox.open(DeviceFlag.WEB);
        node.sql("delete from device_cursor where device_flag = $1", (short) DeviceFlag.WEB);
        node.redis(Command.HSET, UserKeys.cursors(UID), "epoch", "1");
        node.redis(Command.DEL, "herald:epoch");
        node.call(() -> node.epoch.check(node.redis));
        inbox.read(0, 1);

        assertThat(node.redis(Command.HEXISTS, UserKeys.cursors(UID), "d" + DeviceFlag.APP)
                        .toInteger())
                .isOne();
        assertThat(node.redis(Command.HEXISTS, UserKeys.cursors(UID), "d" + DeviceFlag.WEB)
                        .toInteger())
                .isZero();
    }

    @Test
    void a_command_comes_back_though_the_clock_of_postgres_went_back_before_it() {
        inbox.open(DeviceFlag.APP);
        inbox.append(node.command(UID));
        node.sql("update cmd set done_at = now()");
        inbox.ack(DeviceFlag.APP, 1, 1);
        node.call(() -> node.cursors().flush());
        node.sql("update device_cursor set as_of = now() + interval '1 hour'");
        long later = node.command(UID);
        node.sql("update cmd set done_at = now()");
        inbox.append(later);
        lose();
        assertThat(inbox.read(1, 10).pointers()).extracting(Pointer::commandId).containsExactly(later);
    }

    /** One that was put in the other's place is written to by other nodes already. */
    @Test
    void what_a_replaced_redis_says_of_cursors_is_not_stored() {
        inbox.open(DeviceFlag.APP);
        node.call(() -> node.cursors().flush());
        node.sql("update redis_epoch set number = number + 1");
        inbox.append(node.command(UID));
        inbox.ack(DeviceFlag.APP, 1, 1);
        assertThatThrownBy(() -> node.call(() -> node.cursors().flush())).hasMessageContaining("an epoch began");
        assertThat(node.sql("select seq from device_cursor").getFirst().getLong(0))
                .isZero();
    }

    @Test
    void a_page_that_takes_too_long_is_asked_for_in_parts() {
        long channel = node.channel("g1", 200);
        node.sql("""
                insert into cmd (channel_id, channel_type, from_uid, client_msg_no, payload, channel, revision, done_at)
                select 'g1', 2, 'back', i::text, '', $1, 1, now() from generate_series(1, 10000) i""", channel);
        lose();
        Pool pool = pool();
        List<String> uids = IntStream.rangeClosed(1, 200).mapToObj(Node::uid).toList();
        Rebuilds rebuilds = rebuilds(pool, Duration.ofMillis(400));
        await().atMost(Duration.ofSeconds(40)).ignoreExceptions().until(() -> {
            node.call(() -> Future.join(uids.stream().map(rebuilds::rebuild).toList()));
            return true;
        });

        assertThat(node.sql("select distinct unnest(uids) from cmd where channel_id = 'resync'"))
                .as("of lists that are over the bound")
                .extracting(row -> row.getString(0))
                .containsExactlyInAnyOrderElementsOf(uids);
        Sql.await(pool.close());
    }

    @Test
    void one_whose_list_takes_too_long_is_told_and_holds_up_nobody() {
        long channel = node.channel("g1", 1);
        node.sql("update member set uid = $1", UID);
        node.sql("""
                insert into cmd (channel_id, channel_type, from_uid, client_msg_no, payload, channel, revision, done_at)
                select 'g1', 2, 'back', i::text, '', $1, 1, now() from generate_series(1, 20000) i""", channel);
        lose();
        Pool pool = pool();
        node.call(() -> rebuilds(pool, Duration.ofMillis(2)).rebuild(UID));
        assertThat(node.redis(Command.HGET, UserKeys.cursors(UID), "epoch")).hasToString("2");
        assertThat(node.sql("select uids[1] from cmd where channel_id = 'resync' and coalesce_key = 'herald.overflow'"))
                .extracting(row -> row.getString(0))
                .containsExactly(UID);
        Sql.await(pool.close());
    }

    @Test
    void a_postgres_that_stands_still_for_a_while_takes_nobodys_commands() {
        inbox.open(DeviceFlag.APP);
        long channel = node.channel("g1", 1);
        node.sql("update member set uid = $1", UID);
        long command = node.command(channel, 1);
        node.sql("update cmd set done_at = now()");
        lose();
        Pool pool = pool();
        Rebuilds rebuilds = rebuilds(pool, Duration.ofMillis(400));
        Blocked held = Blocked.by(node.pg, "lock table member in access exclusive mode");
        assertThatThrownBy(() -> node.call(() -> rebuilds.rebuild(UID))).isNotNull();
        held.end();
        node.call(() -> rebuilds.rebuild(UID));
        assertThat(inbox.read(0, 10).pointers()).extracting(Pointer::commandId).containsExactly(command);
        Sql.await(pool.close());
    }

    private void store(String... uids) {
        node.call(() -> {
            List.of(uids).forEach(uid -> node.cursors().note(uid, Readers.NO_READER));
            return node.cursors().flush();
        });
    }

    /** @param patience zero for any */
    private Rebuilds rebuilds(Pool pool, Duration patience) {
        FanoutMeters meters = new FanoutMeters(new SimpleMeterRegistry());
        return new Rebuilds(
                node.redis,
                node.epoch,
                new LostEntries(pool, 100, patience),
                new Resyncs(node.pg.statements(), () -> {}, meters),
                meters);
    }

    private Pool pool() {
        return PgBuilder.pool()
                .with(new PoolOptions().setMaxSize(3))
                .connectingTo(PgConnectOptions.fromUri(node.postgresUrl))
                .using(node.vertx)
                .build();
    }

    private void lose() {
        node.redis(Command.FLUSHDB);
        node.call(() -> node.epoch.check(node.redis));
    }
}
