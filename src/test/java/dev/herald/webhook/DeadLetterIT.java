package dev.herald.webhook;

import static dev.herald.webhook.WebhookWorld.get;
import static dev.herald.webhook.WebhookWorld.online;
import static dev.herald.webhook.WebhookWorld.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.herald.bus.Addresses;
import dev.herald.bus.message.Done;
import dev.herald.bus.message.PresenceMessage.OnlineRows;
import dev.herald.endpoint.DeadLetters;
import dev.herald.endpoint.DeadLetters.Filter;
import dev.herald.endpoint.DeadLetters.Letter;
import dev.herald.endpoint.Endpoint;
import dev.herald.endpoint.Endpoint.State;
import dev.herald.endpoint.Endpoints.Edit;
import dev.herald.eventlog.EventLog.NewEvent;
import dev.herald.eventlog.EventType;
import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import dev.herald.it.Receiver;
import dev.herald.it.Receiver.Answer;
import dev.herald.it.Receiver.Arrival;
import dev.herald.webhook.post.Outcome;
import dev.herald.webhook.record.Health;
import dev.herald.webhook.record.Retention.Ages;
import dev.herald.webhook.retry.RetrySchedule;
import io.micrometer.core.instrument.Metrics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What an endpoint cannot be given, for long or for ever. */
@Timeout(90)
class DeadLetterIT {
    private static final Duration LONG = Duration.ofDays(30);

    @RegisterExtension
    final WebhookWorld world = WebhookWorld.configured();

    private final Receiver receiver = world.receiver;
    private DeadLetters letters;

    @BeforeEach
    void open() throws Exception {
        letters = new DeadLetters(world.pg);
        world.schedule = new RetrySchedule(List.of(Duration.ofMillis(50)), Duration.ofMillis(300));
    }

    @Test
    void replayed_letters_keep_their_ids_and_their_order() throws Exception {
        world.config.put("webhook.batch-size", "1");
        receiver.answer(arrival -> Answer.status(500));
        world.append(online("u1", 1), online("u1", 2), online("u1", 3));
        world.node(1);
        await().until(() -> list().size() == 3);
        List<String> ids = list().stream().map(letter -> letter.event().id()).toList();
        receiver.answer(arrival -> Answer.status(200));
        assertThat(get(letters.replay(Endpoint.CONFIGURED, Filter.ALL))).isEqualTo(3);
        await().until(() -> list().isEmpty());
        List<Arrival> taken = receiver.taken();
        assertThat(taken.stream().map(Arrival::id)).containsExactlyElementsOf(ids);
        assertThat(taken.stream().flatMap(arrival -> arrival.texts().stream()))
                .containsExactly(text("u1", 1), text("u1", 2), text("u1", 3));
    }

    @Test
    void live_events_have_their_turn_beside_a_long_replay_also_of_an_endpoint_that_takes_one_request_at_a_time()
            throws Exception {
        world.config.putAll(Map.of("webhook.batch-size", "1", "webhook.concurrency", "1"));
        world.node(1);
        world.query("""
                insert into dead_letter (endpoint, event_id, txid, lane, type, key, data, created_at, reason, status, attempts)
                select 'config', n, 1, 0, 'user.onlinestatus', 'u:dead', jsonb_build_object('uid', 'dead', 'device_flag', 1,
                    'online', true, 'session_id', '1', 'device_online_count', 1, 'total_online_count', 1), now(), 'refused', '', 1
                from generate_series(1, 100) n""");
        receiver.answer(arrival -> Answer.after(Duration.ofMillis(50), Answer.status(200)));
        get(letters.replay(Endpoint.CONFIGURED, Filter.ALL));
        await().until(() -> !receiver.taken().isEmpty());
        world.append(online("live", 1));
        await().until(() ->
                receiver.taken().stream().anyMatch(arrival -> arrival.body().contains("live-1")));
        assertThat(list()).as("letters still to be replayed").isNotEmpty();
    }

    @Test
    void a_letter_that_fails_again_is_a_dead_letter_again_and_holds_up_no_other() throws Exception {
        receiver.answer(arrival -> Answer.status(500));
        world.append(online("u1", 1), online("u2", 1), online("u3", 1));
        world.node(1);
        await().until(() -> list().size() == 3);
        receiver.answer(arrival -> arrival.body().contains("u2-") ? Answer.status(422) : Answer.status(200));
        get(letters.replay(Endpoint.CONFIGURED, Filter.ALL));
        await().until(() -> list().size() == 1 && list().getFirst().replayAt() == null);
        assertThat(list().getFirst().event().key()).isEqualTo("u:u2");
        assertThat(list().getFirst().status()).isEqualTo("422");
    }

    @Test
    void gone_pauses_the_endpoint_whatever_its_answer_says() throws Exception {
        receiver.answer(arrival -> Answer.status(410, "gone\0 for\ngood"));
        world.append(online("u1", 1));
        world.node(1);
        await().until(() -> endpoint().state() == State.PAUSED);
        assertThat(endpoint().stateReason()).isEqualTo("410 gone  for\ngood");
        await().until(() -> world.number("select count(*) from webhook_attempt") > 0);
    }

    @Test
    void gone_pauses_the_endpoint_and_what_waits_is_delivered_when_it_is_resumed() throws Exception {
        receiver.answer(arrival -> Answer.status(410));
        world.append(online("u1", 1));
        world.node(1);
        await().until(() -> endpoint().state() == State.PAUSED);
        assertThat(endpoint().stateReason()).startsWith("410");
        world.append(online("u1", 2), online("u2", 1));
        // What was under way when it was paused may have been tried once more.
        await().during(Duration.ofMillis(500)).until(() -> receiver.arrivals().size() <= 2);
        assertThat(failing()).extracting(data -> data.getString("state")).containsExactly("paused");
        receiver.answer(arrival -> Answer.status(200));
        get(world.endpoints.change(Endpoint.CONFIGURED, now -> Edit.of(now, State.ACTIVE, "")));
        world.bus.tell(Addresses.WEBHOOKS_CHANGED, Done.DONE);
        world.awaitAllDelivered();
        assertThat(receiver.firstArrivals()).contains(text("u1", 1), text("u1", 2), text("u2", 1));
        assertThat(list()).isEmpty();
    }

    @Test
    void an_endpoint_that_fails_for_a_time_is_told_of_once_and_so_is_its_recovery() throws Exception {
        world.patience = Duration.ofMillis(500);
        world.chores = Duration.ofMillis(100);
        world.schedule = WebhookWorld.steps(50);
        receiver.answer(arrival -> Answer.reset());
        world.append(IntStream.range(0, 20).mapToObj(i -> online("u" + i, 1)).toArray(NewEvent[]::new));
        world.node(1);
        world.node(2);
        await().until(() -> !failing().isEmpty());
        assertThat(endpoint().failingSince()).isNotNull();
        await().during(Duration.ofMillis(500)).until(() -> failing().size() == 1);
        receiver.answer(arrival -> Answer.status(200));
        world.awaitAllDelivered();
        await().until(() -> failing().size() == 2);
        assertThat(failing()).extracting(data -> data.getString("state")).containsExactly("failing", "recovered");
        assertThat(endpoint().failingSince()).isNull();
    }

    @Test
    void what_is_too_old_becomes_dead_letters_also_of_a_paused_endpoint_and_the_log_goes() throws Exception {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        Metrics.addRegistry(registry);
        world.chores = Duration.ofMillis(100);
        world.ages = Optional.of(new Ages(Duration.ofHours(1), Duration.ofHours(2), LONG, LONG));
        get(world.endpoints.change(Endpoint.CONFIGURED, now -> Edit.of(now, State.PAUSED, "")));
        world.append(IntStream.range(0, 2_000).mapToObj(i -> online("u" + i, 1)).toArray(NewEvent[]::new));
        world.query("update event set created_at = now() - interval '90 minutes'");
        world.append(online("young", 1));
        world.node(1);
        await().until(() -> world.number("select count(*) from dead_letter where reason = 'expired'") == 2_000);
        assertThat(failing()).extracting(data -> data.getString("state")).containsExactly("expired");
        await().until(() -> registry.get("herald.webhook.buried")
                        .tag("endpoint", Endpoint.CONFIGURED)
                        .counter()
                        .count()
                == 2_000);
        Metrics.removeRegistry(registry);
        assertThat(world.number("select count(*) from event where type = 'user.onlinestatus'"))
                .isEqualTo(2_001);
        world.query("update event set created_at = now() - interval '150 minutes' where data->>'uid' <> 'young'");
        await().until(() -> world.number("select count(*) from event where type = 'user.onlinestatus'") == 1);
        get(world.endpoints.change(Endpoint.CONFIGURED, now -> Edit.of(now, State.ACTIVE, "")));
        await().until(() -> receiver.arrivals().size() == 1);
        assertThat(receiver.arrivals().getFirst().texts()).containsExactly(text("young", 1));
    }

    @Test
    void what_is_younger_than_what_comes_after_it_is_not_passed() throws Exception {
        world.chores = Duration.ofMillis(100);
        world.ages = Optional.of(new Ages(Duration.ofHours(1), LONG, LONG, LONG));
        get(world.endpoints.change(Endpoint.CONFIGURED, now -> Edit.of(now, State.PAUSED, "")));
        world.append(online("u1", 1), online("u1", 2), online("u1", 3));
        world.query("""
                update event set created_at = now() - interval '2 hours'
                where data->>'session_id' in ('1', '3')""");
        world.node(1);
        await().until(() -> !list().isEmpty());
        get(world.endpoints.change(Endpoint.CONFIGURED, now -> Edit.of(now, State.ACTIVE, "")));
        world.bus.tell(Addresses.WEBHOOKS_CHANGED, Done.DONE);
        await().until(() -> receiver.taken().stream()
                .flatMap(arrival -> arrival.texts().stream())
                .toList()
                .contains(text("u1", 2)));
    }

    @Test
    void time_in_which_herald_was_away_makes_no_event_too_old() throws Exception {
        world.chores = Duration.ofMillis(100);
        world.schedule = WebhookWorld.steps(100);
        world.ages = Optional.of(new Ages(Duration.ofHours(96), LONG, LONG, LONG));
        receiver.answer(arrival -> Answer.status(500));
        world.append(online("u1", 1), online("u1", 2));
        world.query("update event set created_at = now() - interval '120 h'");
        world.query("update webhook_service set seen_at = now() - interval '119 h'");
        world.node(1);
        await().until(() -> receiver.arrivals().size() > 5);
        assertThat(list()).isEmpty();
        world.query("update event set created_at = now() - interval '216 h'");
        await().until(() -> list().size() == 2);
    }

    @Test
    void time_in_which_herald_was_away_does_not_end_the_schedule() throws Exception {
        world.schedule = new RetrySchedule(List.of(Duration.ofMillis(100)), Duration.ofHours(72));
        receiver.answer(arrival -> Answer.status(500));
        world.config.put("webhook.batch-size", "1");
        world.append(online("u1", 1));
        world.query("""
                update webhook_lane l set attempts = 9, failing_since = now() - interval '100 h',
                    next_at = now() - interval '90 h', batch_txid = e.txid, batch_id = e.id
                from event e where l.endpoint = 'config' and l.lane = e.lane""");
        world.node(1);
        await().until(() -> receiver.arrivals().size() > 2);
        assertThat(list()).isEmpty();
        world.query("update webhook_lane set failing_since = now() - interval '72 h' where attempts > 0");
        await().until(() -> list().size() == 1);
    }

    @Test
    void what_offline_receivers_could_not_be_told_of_is_a_dead_letter_too() throws Exception {
        world.chores = Duration.ofMillis(100);
        world.config.put("webhook.events", "msg.offline");
        AtomicBoolean presenceIsAway = new AtomicBoolean(true);
        world.bus.serve(
                Addresses.ONLINE_QUERY,
                query -> presenceIsAway.get()
                        ? Future.failedFuture(new HeraldException(Failure.UNAVAILABLE, "away"))
                        : Future.succeededFuture(new OnlineRows(List.of())));
        world.ages = Optional.of(new Ages(Duration.ofHours(1), LONG, LONG, LONG));
        world.node(1);
        world.append(new NewEvent(
                EventType.MESSAGE_PASSED,
                NewEvent.channelKey(9),
                JsonObject.of("channel", 9, "channel_id", "bob", "channel_type", 1)
                        .put("message", JsonObject.of("message_id", 77, "from_uid", "alice", "channel_id", "bob"))));
        world.query("update event set created_at = now() - interval '2 h'");
        await().until(() ->
                get(letters.list(Endpoint.OFFLINE_NOTICES, Filter.ALL, 0, 10)).size() == 1);
        assertThat(failing().getFirst().getString("endpoint")).isEqualTo(Endpoint.OFFLINE_NOTICES);
        presenceIsAway.set(false);
        get(letters.replay(Endpoint.OFFLINE_NOTICES, Filter.ALL));
        await().until(() -> receiver.arrivals().size() == 1);
        assertThat(new JsonObject(receiver.arrivals().getFirst().body()).getJsonArray("to_uids"))
                .containsExactly("bob");
    }

    @Test
    void letters_attempts_and_deleted_endpoints_go_in_time() throws Exception {
        world.chores = Duration.ofMillis(100);
        Duration hour = Duration.ofHours(1);
        world.ages = Optional.of(new Ages(LONG, LONG, hour, hour));
        world.query("""
                insert into dead_letter (endpoint, event_id, txid, lane, type, key, data, created_at, reason, status, attempts, died_at)
                select 'config', n, n, 1, 'user.onlinestatus', 'u:u1', '{}', now(), 'refused', '500', 1,
                    now() - n * interval '40 minutes' from generate_series(1, 4) n""");
        world.query("""
                insert into webhook_attempt (endpoint, at, request, type, events, attempt, delivered, status, latency_ms, answer)
                select 'config', now() - (5 - n) * interval '40 minutes', 'evt_1', 't', 1, 1, true, '200', 1, ''
                from generate_series(1, 4) n""");
        world.node(1);
        await().until(() -> world.number("select count(*) from dead_letter") == 1);
        await().until(() -> world.number("select count(*) from webhook_attempt") == 1);
        get(world.endpoints.delete(Endpoint.CONFIGURED, tx -> Future.succeededFuture(true)));
        await().until(() -> world.number("select count(*) from webhook_endpoint where id = 'config'") == 0);
        assertThat(world.number("select count(*) from dead_letter")).isZero();
    }

    @Test
    void one_that_refuses_everything_fails_and_that_is_written_until_it_is_there() throws Exception {
        world.patience = Duration.ZERO;
        world.chores = Duration.ofMillis(100);
        world.schedule = WebhookWorld.steps(50);
        receiver.answer(arrival -> Answer.status(400));
        world.node(1);
        world.append(online("u1", 1));
        await().until(() -> failing().size() == 1);
        world.query("update webhook_endpoint set failing_since = null");
        await().until(() -> endpoint().failingSince() != null);
        assertThat(failing()).extracting(data -> data.getString("state")).containsExactly("failing");
    }

    @Test
    void an_answer_to_what_was_asked_before_a_change_pauses_nothing_and_tells_nothing() throws Exception {
        Endpoint before = endpoint();
        get(world.endpoints.change(Endpoint.CONFIGURED, now -> Edit.of(now, State.ACTIVE, "changed")));
        Health health = new Health(world.pg, Duration.ofMinutes(5), () -> {});
        get(health.pause(before, Outcome.of(410, Optional.empty(), "gone")));
        assertThat(endpoint().state()).isEqualTo(State.ACTIVE);
        assertThat(failing()).isEmpty();
        get(health.pause(endpoint(), Outcome.of(410, Optional.empty(), "gone")));
        assertThat(endpoint().state()).isEqualTo(State.PAUSED);
        assertThat(failing()).hasSize(1);
    }

    private Endpoint endpoint() throws Exception {
        return get(world.endpoints.find(Endpoint.CONFIGURED)).orElseThrow();
    }

    private List<Letter> list() throws Exception {
        return get(letters.list(Endpoint.CONFIGURED, Filter.ALL, 0, 10));
    }

    private List<JsonObject> failing() throws Exception {
        return java.util.stream.StreamSupport.stream(
                        world.query("select data from event where type = 'webhook.failing' order by id")
                                .spliterator(),
                        false)
                .map(row -> row.getJsonObject("data"))
                .toList();
    }
}
