package dev.herald.presence;

import static dev.herald.presence.PresenceNode.APP;
import static dev.herald.presence.PresenceNode.now;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.herald.bus.message.PresenceMessage.SessionInfo;
import dev.herald.it.Blocked;
import dev.herald.it.Stores;
import dev.herald.presence.registry.Outcome;
import dev.herald.presencelog.PresenceLog;
import dev.herald.redis.UserKeys;
import io.vertx.redis.client.Command;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A node dies after it has changed the registry and before the event log has what follows from that. */
@Timeout(120)
class CrashIT {
    private static final Duration PATIENCE = Duration.ofSeconds(40);
    private static final String VICTIM = "1.1";
    private static final Map<String, String> QUICK = Map.of("presence.lease", "PT2S");

    /** Of a node that looks after no other during a test. */
    private static final Map<String, String> IDLE = Map.of("presence.lease", "PT10M", "look", "PT4M");

    private final String redis = Stores.freshRedis();
    private final String pg = Stores.freshPostgres();
    private PresenceNode survivor;

    @BeforeEach
    void start() {
        survivor = new PresenceNode(2, redis, redis, pg, QUICK);
    }

    @AfterEach
    void stop() {
        survivor.close();
    }

    @Test
    void what_a_killed_node_had_not_recorded_is_recorded_once_and_in_order() {
        PresenceNode victim = new PresenceNode(1, redis, redis, pg, QUICK);
        List<String> leavers = uids("leaver", 20);
        List<SessionInfo> sessions =
                leavers.stream().map(uid -> victim.open(uid, APP)).toList();
        await().untilAsserted(() ->
                assertThat(leavers).allMatch(uid -> victim.told(uid).size() == 1));
        Blocked lock = lockedEvents();
        sessions.forEach(victim::end);
        victim.end(victim.open("flapper", APP));
        victim.open("flapper", APP);
        victim.kill();

        await().atMost(PATIENCE).until(() -> survivor.online("flapper").isEmpty());
        lock.end();
        await().atMost(PATIENCE).until(() -> !survivor.isListed(VICTIM));
        await().untilAsserted(() -> assertThat(leavers.stream().map(survivor::told))
                .allMatch(List.of("0 on connect 1/1", "0 off close 0/0")::equals));
        await().untilAsserted(() -> assertThat(survivor.told("flapper"))
                .containsExactly("0 on connect 1/1", "0 off close 0/0", "0 on connect 1/1", "0 off node_lost 0/0"));
        await().untilAsserted(
                        () -> assertThat(leavers.stream().map(this::unrecorded)).containsOnly(0));
    }

    @Test
    void a_node_that_is_stopped_while_the_database_hangs_leaves_the_rest_to_others() {
        PresenceNode victim = new PresenceNode(1, redis, redis, pg, QUICK);
        Blocked lock = lockedEvents();
        victim.end(victim.open("u1", APP));
        victim.open("u2", APP);
        victim.close();
        assertThat(survivor.online("u2")).isEmpty();

        lock.end();
        await().atMost(PATIENCE).until(() -> !survivor.isListed(VICTIM));
        await().untilAsserted(() -> {
            assertThat(survivor.told("u1")).containsExactly("0 on connect 1/1", "0 off close 0/0");
            assertThat(survivor.told("u2")).containsExactly("0 on connect 1/1", "0 off drained 0/0");
        });
    }

    @Test
    void the_node_that_cleans_up_may_die_of_the_same() {
        MuteNode victim = new MuteNode(survivor.vertx, redis, 1);
        victim.open("u1", APP);
        victim.open("u2", APP);
        PresenceNode cleaner = survivor;
        survivor = new PresenceNode(3, redis, redis, pg, IDLE);
        Blocked lock = lockedEvents();
        victim.die();
        await().until(() -> survivor.online(List.of("u1", "u2")).isEmpty());
        cleaner.kill();

        PresenceNode next = new PresenceNode(4, redis, redis, pg, QUICK);
        lock.end();
        await().atMost(PATIENCE).until(() -> !survivor.isListed(VICTIM) && !survivor.isListed("2.1"));
        await().untilAsserted(() -> assertThat(List.of(survivor.told("u1"), survivor.told("u2")))
                .allMatch(List.of("0 on connect 1/1", "0 off node_lost 0/0")::equals));
        next.close();
    }

    @Test
    void a_node_that_dies_between_the_commit_and_its_note_makes_no_second_event() {
        MuteNode victim = new MuteNode(survivor.vertx, redis, 1);
        SessionInfo session = victim.session("u1", APP);
        victim.open(now(victim.open(session)).edges().getFirst().uid(), 1);
        Outcome ended = victim.end(session);
        assertThat(ended.edges()).hasSize(3);
        now(PresenceLog.record(survivor.pg.transactions(), ended.edges(), true));
        victim.die();

        await().untilAsserted(() -> assertThat(survivor.told("u1"))
                .containsExactly("0 on connect 1/1", "1 on connect 1/2", "0 off close 0/1", "1 off node_lost 0/0"));
        await().until(() -> !survivor.isListed(VICTIM) && unrecorded("u1") == 0);
    }

    @Test
    void a_user_who_comes_to_another_node_is_told_after_what_the_dead_one_left() {
        MuteNode victim = new MuteNode(survivor.vertx, redis, 1);
        SessionInfo session = victim.session("u1", APP);
        now(victim.open(session));
        victim.end(session);
        survivor.open("u1", APP);

        await().untilAsserted(() -> assertThat(survivor.told("u1"))
                .containsExactly("0 on connect 1/1", "0 off close 0/0", "0 on connect 1/1"));
        victim.die();
        await().until(() -> !survivor.isListed(VICTIM));
        assertThat(survivor.told("u1")).hasSize(3);
    }

    @Test
    void what_a_dead_node_did_to_sessions_of_others_is_recorded() {
        MuteNode victim = new MuteNode(survivor.vertx, redis, 1);
        survivor.open("u1", APP);
        victim.kick("u1");
        victim.die();

        await().until(() -> !survivor.isListed(VICTIM));
        await().untilAsserted(
                        () -> assertThat(survivor.told("u1")).containsExactly("0 on connect 1/1", "0 off kicked 0/0"));
    }

    private List<String> uids(String name, int count) {
        return IntStream.range(0, count).mapToObj(i -> name + i).toList();
    }

    private int unrecorded(String uid) {
        return survivor.redis(Command.ZCARD, UserKeys.edges(uid)).toInteger();
    }

    /** Nothing is written to the event log as long as it is held. */
    private Blocked lockedEvents() {
        return Blocked.by(survivor.pg, "lock table event in exclusive mode");
    }
}
