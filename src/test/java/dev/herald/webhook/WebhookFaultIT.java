package dev.herald.webhook;

import static dev.herald.webhook.WebhookWorld.get;
import static dev.herald.webhook.WebhookWorld.online;
import static dev.herald.webhook.WebhookWorld.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.herald.eventlog.EventLog.NewEvent;
import dev.herald.it.Receiver;
import dev.herald.it.Receiver.Answer;
import dev.herald.it.Receiver.Arrival;
import dev.herald.postgres.PgClients;
import io.vertx.core.Promise;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Transaction;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What must not lose an event or turn the order of a key around. */
@Timeout(120)
class WebhookFaultIT {
    private static final int KEYS = 200;
    private static final int EVENTS_PER_KEY = 15;

    @RegisterExtension
    final WebhookWorld world = WebhookWorld.configured();

    private final Receiver receiver = world.receiver;

    @Test
    void every_event_reaches_a_receiver_that_fails_at_random() throws Exception {
        Random random = new Random(42);
        receiver.answer(arrival -> switch (random.nextInt(50)) {
            case 0 -> Answer.status(429, "Retry-After", "1");
            case 1, 2, 3 -> Answer.hang();
            case 4, 5, 6, 7, 8 -> Answer.reset();
            case 9, 10 -> Answer.after(Duration.ofMillis(100), Answer.status(200));
            case 11, 12, 13, 14, 15 -> Answer.status(500);
            default -> Answer.status(200);
        });
        world.config.put("webhook.timeout", "PT0.3S");
        world.config.put("webhook.batch-size", "10");
        world.schedule = WebhookWorld.steps(20, 40, 80);
        world.node(1);
        world.node(2);
        appendRounds(0, EVENTS_PER_KEY);
        world.awaitAllDelivered(Duration.ofSeconds(90));
        assertAllInOrder();
    }

    @Test
    void two_nodes_never_send_one_lane_at_once() throws Exception {
        Map<String, AtomicInteger> underWay = new ConcurrentHashMap<>();
        AtomicBoolean overlap = new AtomicBoolean();
        receiver.answer(arrival -> (vertx, request) -> {
            List<String> lanes = arrival.texts().stream()
                    .map(WebhookFaultIT::uidOf)
                    .distinct()
                    .toList();
            lanes.forEach(uid -> overlap.compareAndSet(
                    false,
                    underWay.computeIfAbsent(uid, key -> new AtomicInteger()).incrementAndGet() > 1));
            vertx.setTimer(5, timer -> {
                lanes.forEach(uid -> underWay.get(uid).decrementAndGet());
                request.response().end();
            });
        });
        world.config.put("webhook.batch-size", "5");
        world.sweep = Duration.ofMillis(10);
        world.node(1);
        world.node(2);
        appendRounds(0, EVENTS_PER_KEY);
        world.awaitAllDelivered();
        assertThat(overlap).isFalse();
        assertAllInOrder();
        assertThat(receiver.firstArrivals())
                .hasSize(receiver.arrivals().stream()
                        .mapToInt(a -> a.texts().size())
                        .sum());
    }

    @Test
    void a_transaction_that_commits_late_is_not_passed_by() throws Exception {
        world.sweep = Duration.ofHours(1);
        world.node(1);
        world.append(online("u1", 1));
        await().until(() -> receiver.arrivals().size() == 1);
        SqlConnection connection = get(world.pg.transactions().getConnection());
        Transaction late = get(connection.begin());
        WebhookWorld.append(connection, online("u1", 2));
        world.append(online("u1", 3), online("u2", 1));
        await().during(Duration.ofMillis(500)).until(() -> receiver.arrivals().size() == 1);
        get(late.commit());
        await().until(() -> receiver.firstArrivals().size() == 4);
        assertThat(receiver.firstArrivals())
                .contains(text("u2", 1))
                .containsSubsequence(text("u1", 1), text("u1", 2), text("u1", 3));
        get(connection.close());
        world.awaitAllDelivered();
    }

    @Test
    void an_id_below_what_was_delivered_is_not_passed_by() throws Exception {
        world.node(1);
        long early = world.number("select nextval(pg_get_serial_sequence('event', 'id'))");
        world.append(online("u1", 1), online("u1", 2));
        await().until(() -> receiver.firstArrivals().size() == 2);
        world.query("""
                insert into event (id, lane, type, key, data) overriding system value
                select %d, lane, type, key, data || '{"session_id": 3}' from event order by id limit 1""".formatted(early));
        await().until(() -> receiver.firstArrivals().size() == 3);
        assertThat(receiver.arrivals().getLast().texts()).containsExactly("u1-1-1-3-1-2");
        world.awaitAllDelivered();
    }

    @Test
    void another_node_goes_on_where_a_dead_one_was_cut_off() throws Exception {
        world.lease = Duration.ofSeconds(4);
        PgClients itsStore = PgClients.open(world.vertx, world.url, 4);
        Promise<Void> dead = Promise.promise();
        receiver.answer(arrival -> (vertx, request) -> {
            if (arrival.number() == 0) {
                dead.future().onSuccess(gone -> Answer.status(200).give(vertx, request));
            } else {
                Answer.status(200).give(vertx, request);
            }
        });
        world.node(1, itsStore);
        world.append(online("u1", 1), online("u1", 2));
        await().until(() -> receiver.arrivals().size() == 1);
        long died = System.currentTimeMillis();
        get(itsStore.close());
        dead.complete();
        world.append(online("u1", 3));
        world.node(2);
        world.awaitAllDelivered();
        assertThat(System.currentTimeMillis() - died).isGreaterThan(1_000);
        List<Arrival> arrivals = receiver.arrivals();
        assertThat(arrivals)
                .extracting(Arrival::id)
                .startsWith(arrivals.get(0).id(), arrivals.get(0).id());
        assertThat(arrivals.get(1).body()).isEqualTo(arrivals.get(0).body());
        assertThat(receiver.firstArrivals()).containsExactly(text("u1", 1), text("u1", 2), text("u1", 3));
    }

    @Test
    void a_node_without_its_store_cuts_off_its_request_before_its_lease_ends() throws Exception {
        PgClients itsStore = PgClients.open(world.vertx, world.url, 4);
        AtomicLong cut = new AtomicLong();
        receiver.answer(arrival ->
                (vertx, request) -> request.connection().closeHandler(v -> cut.set(System.currentTimeMillis())));
        world.lease = Duration.ofMillis(4_500);
        world.config.put("webhook.timeout", "PT1H");
        world.node(1, itsStore);
        world.append(online("u1", 1));
        await().until(() -> receiver.arrivals().size() == 1);
        await().during(Duration.ofSeconds(5)).until(() -> cut.get() == 0);
        get(itsStore.close());
        await().until(() -> cut.get() > 0);
        assertThat(cut.get())
                .isLessThan(
                        world.number("select (extract(epoch from max(lease_until)) * 1000)::bigint from webhook_lane"));
    }

    @Test
    void a_stop_gives_lanes_and_retries_to_the_next_start() throws Exception {
        world.schedule = WebhookWorld.steps(1500);
        world.lease = Duration.ofMinutes(1);
        receiver.answer(arrival -> Answer.status(500));
        String node = world.node(1);
        world.append(online("u1", 1));
        await().until(() -> world.number("select max(attempts) from webhook_lane") == 1);
        receiver.answer(arrival -> Answer.hang());
        world.append(online("u2", 1));
        await().until(() -> receiver.arrivals().size() == 2);
        get(world.vertx.undeploy(node));
        receiver.answer(arrival -> Answer.status(200));
        world.node(2);
        world.awaitAllDelivered();
        List<Arrival> ofUser = receiver.arrivals().stream()
                .filter(a -> a.body().contains("u1-"))
                .toList();
        assertThat(ofUser.getLast().atMillis() - ofUser.getFirst().atMillis()).isGreaterThan(1_300);
        assertThat(ofUser)
                .extracting(Arrival::id)
                .containsOnly(ofUser.getFirst().id());
    }

    @Test
    void a_receiver_that_is_down_is_probed_gently_and_served_at_once_when_it_is_back() throws Exception {
        world.schedule = WebhookWorld.steps(100, 100_000);
        receiver.answer(arrival -> Answer.status(503));
        appendRounds(0, 1);
        world.node(1);
        await().until(() -> receiver.arrivals().size() > 16);
        AtomicInteger before = new AtomicInteger();
        await().pollInterval(Duration.ofSeconds(2)).untilAsserted(() -> {
            assertThat(receiver.mostUnderWay()).isLessThanOrEqualTo(1);
            int now = receiver.arrivals().size();
            assertThat(now - before.getAndSet(now)).isBetween(1, 25);
        });
        receiver.answer(arrival -> Answer.status(200));
        world.awaitAllDelivered();
        assertThat(receiver.firstArrivals()).hasSize(KEYS);
    }

    @Test
    void a_batch_that_always_fails_holds_up_only_its_lane() throws Exception {
        receiver.answer(arrival -> arrival.body().contains("\"u1-") ? Answer.status(500) : Answer.status(200));
        world.node(1);
        appendRounds(0, 2);
        await().until(() -> world.number("""
                select count(*) from webhook_lane l where l.key = '' and l.endpoint = 'config' and exists (
                    select from event e where e.lane = l.lane and (e.txid, e.id) > (l.read_txid, l.read_id))""") == 1);
        assertThat(world.number("select max(attempts) from webhook_lane")).isPositive();
    }

    private void appendRounds(int from, int to) throws Exception {
        for (int n = from; n < to; n++) {
            int round = n;
            world.append(IntStream.range(0, KEYS)
                    .mapToObj(key -> online("u" + key, round))
                    .toArray(NewEvent[]::new));
        }
    }

    private void assertAllInOrder() {
        Map<String, List<String>> byUser = new ConcurrentHashMap<>();
        receiver.firstArrivals().forEach(text -> byUser.computeIfAbsent(uidOf(text), uid -> new ArrayList<>())
                .add(text));
        assertThat(byUser).hasSize(KEYS);
        byUser.forEach((uid, texts) -> assertThat(texts)
                .containsExactlyElementsOf(IntStream.range(0, EVENTS_PER_KEY)
                        .mapToObj(n -> text(uid, n))
                        .toList()));
    }

    private static String uidOf(String text) {
        return text.substring(0, text.indexOf('-'));
    }
}
