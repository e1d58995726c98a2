package dev.herald.presence;

import static dev.herald.presence.PresenceNode.APP;
import static dev.herald.presence.PresenceNode.now;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.herald.bus.message.PresenceMessage.SessionInfo;
import dev.herald.it.Stores;
import dev.herald.it.TestRedis;
import dev.herald.presence.node.NodeKeys;
import dev.herald.presence.node.NodeLease;
import dev.herald.presence.node.Peers;
import dev.herald.presence.registry.Change;
import dev.herald.presence.registry.Outcome;
import dev.herald.redis.RedisGateway;
import dev.herald.redis.UserKeys;
import io.vertx.redis.client.Command;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a node may do whose lease has ended, however late it learns of it. */
@Timeout(60)
@Tag("redis-cluster")
class LeaseIT {
    private static final Map<String, String> QUICK = Map.of("presence.lease", "PT2S");

    private final String redis = Stores.freshRedis();
    private final String pg = Stores.freshPostgres();
    private PresenceNode a;

    @BeforeEach
    void start() {
        a = new PresenceNode(1, redis, redis, pg, QUICK);
    }

    @AfterEach
    void stop() {
        a.close();
    }

    @Test
    void a_node_whose_lease_is_gone_goes_on_with_its_sessions_under_a_new_name() {
        SessionInfo session = a.open("u1", APP);
        a.redis(Command.DEL, NodeKeys.lease("1.1"));

        await().until(() -> a.isListed("1.2") && !a.isListed("1.1"));
        assertThat(a.closes).isEmpty();
        assertThat(a.online("u1")).hasSize(1);
        assertThat(a.told("u1")).containsExactly("0 on connect 1/1");
        assertThat(a.redis(Command.HGET, UserKeys.sessions("u1"), session.id()).toString())
                .contains(" 1.2 ");
        a.end(session);
        await().untilAsserted(() -> assertThat(a.told("u1")).containsExactly("0 on connect 1/1", "0 off close 0/0"));
    }

    /** In a Redis Cluster it can be lost where the leases are not. */
    @Test
    void a_node_is_on_the_list_again_with_its_next_renewal() {
        a.redis(Command.DEL, NodeKeys.NODES);
        await().until(() -> a.isListed("1.1"));
    }

    @Test
    void a_node_that_another_has_taken_over_closes_its_sockets() {
        SessionInfo old = a.open("u1", APP);
        now(a.pg.statements()
                .query("insert into presence_heir (node, heir) values ('1.1', '7.1')")
                .execute());
        a.redis(Command.DEL, NodeKeys.lease("1.1"));

        await().until(() -> a.isListed("1.2"));
        await().until(() -> a.closes.size() == 1);
        assertThat(a.closes.getFirst().ids()).containsExactly(old.id());
        assertThat(a.closes.getFirst().silent()).isTrue();
        await().until(() -> a.online("u1").isEmpty());
        a.open("u1", APP);
        await().untilAsserted(() -> assertThat(a.told("u1"))
                .containsExactly("0 on connect 1/1", "0 off node_lost 0/0", "0 on connect 1/1"));
    }

    @Test
    void a_cleaner_that_is_late_leaves_alone_what_the_node_has_under_its_new_name() {
        MuteNode node = new MuteNode(a.vertx, redis, 9);
        node.open("u1", APP);
        now(node.lease.take());
        node.open("u1", 1);
        a.redis(Command.DEL, NodeKeys.lease("9.1"));

        await().until(() -> !a.isListed("9.1"));
        assertThat(a.online("u1")).extracting(row -> row.deviceFlag()).containsExactly(1);
        assertThat(a.redis(Command.SISMEMBER, NodeKeys.users("9.2"), "u1").toInteger())
                .isOne();
    }

    @Test
    void a_node_whose_own_lease_is_gone_takes_over_nobody() {
        a.close();
        a = new PresenceNode(2, redis, redis, pg, Map.of("presence.lease", "PT40S"));
        MuteNode other = new MuteNode(a.vertx, redis, 9);
        a.redis(Command.DEL, NodeKeys.lease("2.1"));
        other.die();

        await().until(() -> a.isListed("2.2"));
        assertThat(a.isListed("9.1")).isTrue();
        assertThat(now(a.pg.statements()
                        .query("select from presence_heir where node = '9.1'")
                        .execute()))
                .isEmpty();
    }

    /** Redis stood still: who could renew again first must not take the others for dead. */
    @Test
    void who_could_not_renew_for_long_gives_the_others_time_to_come_back() {
        AtomicLong seconds = new AtomicLong();
        LongSupplier clock = () -> TimeUnit.SECONDS.toNanos(seconds.get());
        try (TestRedis stopped = new TestRedis().start("--save", "")) {
            RedisGateway gateway = now(RedisGateway.open(a.vertx, stopped.url()));
            NodeLease lease = new NodeLease(gateway, 9, Duration.ofSeconds(6), Duration.ofMillis(500), clock);
            Peers peers = new Peers(new MuteNode(a.vertx, redis, 8).redis, lease, clock);
            now(lease.take());
            await().until(() -> now(peers.look()).isOutageOver());
            seconds.set(4);
            assertThat(now(peers.look()).isOutageOver())
                    .as("late by its own fault")
                    .isTrue();

            stopped.freeze();
            assertThatThrownBy(() -> now(lease.renew()));
            stopped.thaw();
            assertThat(now(peers.look()).isOutageOver()).isFalse();
            for (long passed : List.of(4L, 6L, 8L)) {
                seconds.set(passed);
                renewed(lease);
                assertThat(now(peers.look()).isOutageOver()).isFalse();
            }
            seconds.set(10);
            renewed(lease);
            assertThat(now(peers.look()).isOutageOver()).isTrue();
            now(gateway.close());
        }
    }

    /** A machine that stands still may fail it once more. */
    private static void renewed(NodeLease lease) {
        await().ignoreExceptions().until(() -> now(lease.renew()));
    }

    /** What passes before the question is on its way counts for this node, too: Redis counts from when it has it. */
    @Test
    void a_lease_counts_from_before_its_renewal_is_sent() {
        AtomicReference<Runnable> atNextLook = new AtomicReference<>(() -> {});
        MuteNode node = new MuteNode(a.vertx, redis, 9, Duration.ofMinutes(1), () -> {
            atNextLook.getAndSet(() -> {}).run();
            return 0;
        });
        List<Long> left = new ArrayList<>();
        a.redis(Command.PEXPIRE, NodeKeys.lease("9.1"), 30_000);
        atNextLook.set(
                () -> left.add(a.redis(Command.PTTL, NodeKeys.lease("9.1")).toLong()));
        now(node.lease.renew());

        assertThat(left).singleElement().satisfies(ms -> assertThat(ms).isLessThanOrEqualTo(30_000));
    }

    @Test
    void redis_refuses_what_a_node_sends_after_its_lease() {
        MuteNode frozen = new MuteNode(a.vertx, redis, 9, Duration.ofMillis(300), () -> 0);
        await().until(() -> !a.isListed("9.1"));

        assertThatThrownBy(() -> frozen.open("u1", APP)).hasMessageContaining("LAPSED");
        assertThat(a.online("u1")).isEmpty();
        assertThat(now(frozen.lease.renew())).isFalse();
    }

    @Test
    void an_answer_that_was_given_under_an_old_name_is_not_believed() {
        MuteNode node = new MuteNode(a.vertx, redis, 9);
        var opened = node.open(node.session("u1", APP));
        var taken = node.lease.take();

        assertThatThrownBy(() -> now(opened)).hasMessageContaining("lost its lease");
        now(taken);
    }

    @Test
    void a_repeat_is_known_again_however_many_nodes_have_changed_the_user() {
        MuteNode first = new MuteNode(a.vertx, redis, 9);
        a.open("u1", APP);
        Change change = Change.kick("op", "u1", APP);
        Outcome told = now(first.apply(change));
        assertThat(told.removed()).hasSize(1);
        List<MuteNode> others = IntStream.range(100, 180)
                .mapToObj(i -> new MuteNode(a.vertx, redis, i))
                .toList();
        others.forEach(node -> node.open("u1", APP));

        assertThat(now(first.apply(change))).isEqualTo(told);
        assertThat(a.redis(Command.HKEYS, UserKeys.presence("u1")).toString()).isEqualTo("[version, 0]");
        assertThat(a.redis(Command.PTTL, UserKeys.told("u1", 9)).toLong()).isBetween(1L, 600_000L);
        others.forEach(MuteNode::die);
        first.die();
    }
}
