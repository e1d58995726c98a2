package dev.herald.webhook;

import static dev.herald.webhook.WebhookWorld.get;
import static dev.herald.webhook.WebhookWorld.online;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.herald.eventlog.EventLog;
import dev.herald.eventlog.EventLog.NewEvent;
import dev.herald.eventlog.EventType;
import dev.herald.eventlog.LoggedEvent;
import dev.herald.postgres.PgClients;
import dev.herald.webhook.lane.Batch;
import dev.herald.webhook.lane.Claim;
import dev.herald.webhook.lane.LaneKey;
import dev.herald.webhook.lane.LaneRun;
import dev.herald.webhook.lane.LaneRun.Cut;
import dev.herald.webhook.lane.Lanes;
import dev.herald.webhook.lane.Owner;
import dev.herald.webhook.lane.Settlements;
import dev.herald.webhook.lane.Settlements.Settlement;
import dev.herald.webhook.lane.SideLanes;
import dev.herald.webhook.record.Retention;
import dev.herald.webhook.record.WebhookMeters;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A key comes back to its lane while others look at the lane as it was before. */
@Timeout(60)
class SideLanesIT {
    private static final Duration LEASE = Duration.ofSeconds(5);
    private static final LaneKey MAIN = LaneKey.of("config", 5);
    private static final List<String> TYPES = EventType.ofWukong();

    private final List<String> uids = IntStream.range(0, 100_000)
            .mapToObj(i -> "u" + i)
            .filter(uid -> EventLog.laneOf(NewEvent.userKey(uid)) == MAIN.lane())
            .limit(2)
            .toList();
    private final String back = uids.getFirst();
    private final String other = uids.getLast();
    private final LaneKey side = new LaneKey("config", MAIN.lane(), NewEvent.userKey(back));

    @RegisterExtension
    final WebhookWorld world = WebhookWorld.configured();

    private Settlements settlements;
    private SideLanes sides;

    @BeforeEach
    void open() throws Exception {
        Owner owner = new Owner(world.pg.statements(), 1, LEASE);
        settlements = new Settlements(owner);
        sides = new SideLanes(owner, settlements);
        world.query("""
                insert into webhook_lane (endpoint, lane, key, read_txid, read_id)
                select endpoint, lane, '%s', read_txid, read_id from webhook_lane
                where endpoint = 'config' and lane = 5 and key = ''""".formatted(side.key()));
    }

    @Test
    void a_claim_that_began_before_the_key_was_back_does_not_leave_it_out() throws Exception {
        world.append(online(back, 1), online(other, 1));
        PgClients elsewhere = PgClients.open(world.vertx, world.url, 2);
        Future<Claim> early = heldUp("nth_of_type", () -> claim(elsewhere, 2));
        assertThat(keys(get(early))).isIn(Set.of(), Set.of(side.key(), NewEvent.userKey(other)));
        Claim marked = get(claim(world.pg, 1));
        settleEmpty(marked);
        assertThat(keys(get(claim(world.pg, 1)))).containsExactlyInAnyOrder(side.key(), NewEvent.userKey(other));
    }

    @Test
    void retention_does_not_pass_the_events_of_a_side_lane() throws Exception {
        world.append(online(back, 1), online(other, 1));
        world.query("update event set created_at = now() - interval '9 days'");
        PgClients elsewhere = PgClients.open(world.vertx, world.url, 2);
        Duration day = Duration.ofDays(1);
        Retention retention = new Retention(
                elsewhere, new Retention.Ages(day, day, day, day), new WebhookMeters(new SimpleMeterRegistry()));
        get(heldUp("'expired'", retention::sweep));
        get(retention.sweep());
        assertThat(world.number("select count(*) from event where type = 'user.onlinestatus'"))
                .isZero();
        assertThat(world.number("select count(*) from dead_letter")).isEqualTo(2);
    }

    @Test
    void a_batch_that_is_sent_again_holds_what_it_held() throws Exception {
        world.append(online(other, 1), online(back, 1), online(other, 2));
        Batch first = batch(get(claim(world.pg, 1)));
        get(settlements.settle(
                new Settlement(MAIN, first.after(), first.after(), first.end(), 1, Duration.ZERO, false)));
        assertThat(get(sides.rejoin(side, TYPES))).isFalse();
        Batch again = batch(get(claim(world.pg, 1)));
        assertThat(again.events()).isEqualTo(first.events());
        assertThat(again.id()).isEqualTo(first.id());
        get(settlements.settle(new Settlement(MAIN, first.after(), first.end(), null, 0, Duration.ZERO, false)));
        assertThat(get(sides.rejoin(side, TYPES))).isFalse();
    }

    @Test
    void a_batch_with_others_has_another_id() throws Exception {
        world.append(online(other, 1), online(other, 2), online(other, 3));
        List<LoggedEvent> events = batch(get(claim(world.pg, 1))).events();
        Batch all = new Batch(MAIN, events.getFirst().at(), 0, events);
        Batch outer = new Batch(MAIN, events.getFirst().at(), 0, List.of(events.get(0), events.get(2)));
        assertThat(all.id()).startsWith(events.getFirst().id() + "_").isNotEqualTo(outer.id());
    }

    @Test
    void the_lane_is_due_for_others_should_this_node_die_now() throws Exception {
        world.append(online(back, 1));
        assertThat(get(sides.rejoin(side, TYPES))).isTrue();
        assertThat(get(new Lanes(new Owner(world.pg.statements(), 2, LEASE)).sweep())
                        .due())
                .contains(MAIN);
    }

    /**
     * Runs it up to where it has taken its picture of the lanes, lets the key come back, and lets it go on. Statements
     * with the marker wait for that, by way of a view in the place of the table.
     */
    private <T> Future<T> heldUp(String marker, Supplier<Future<T>> statement) throws Exception {
        world.query("""
                create function gate() returns boolean language plpgsql as $$ begin
                    if position('%s' in current_query()) > 0 then
                        perform pg_advisory_lock_shared(42);
                        perform pg_advisory_unlock_shared(42);
                    end if;
                    return true;
                end $$""".formatted(marker.replace("'", "''")));
        world.query("alter table webhook_lane rename to webhook_lane_table");
        world.query("create view webhook_lane as select * from webhook_lane_table where gate()");
        SqlConnection holder = get(world.pg.transactions().getConnection());
        get(holder.query("select pg_advisory_lock(42)").execute());
        Future<T> early = statement.get();
        await().until(() ->
                world.number("select count(*) from pg_locks where locktype = 'advisory' and not granted") > 0);
        assertThat(get(sides.rejoin(side, TYPES))).isTrue();
        get(holder.query("select pg_advisory_unlock(42)").execute());
        get(holder.close());
        return early;
    }

    private static Future<Claim> claim(PgClients pg, long owner) {
        return new Lanes(new Owner(pg.statements(), owner, LEASE))
                .claim(new Lanes.Request("config", List.of(MAIN), 64, 200, TYPES, new Cut(100, true)));
    }

    /** The lane is due again after a claim that finds its batch to be empty. */
    private void settleEmpty(Claim claim) throws Exception {
        LaneRun run = claim.runs().getFirst();
        assertThat(run.events()).isEmpty();
        get(settlements.settle(new Settlement(MAIN, run.after(), run.after(), null, 0, Duration.ZERO, false)));
    }

    private static Batch batch(Claim claim) {
        return claim.runs().getFirst().batch().orElseThrow();
    }

    private static Set<String> keys(Claim claim) {
        return claim.runs().stream()
                .flatMap(run -> run.events().stream())
                .map(LoggedEvent::key)
                .collect(Collectors.toSet());
    }
}
