package dev.herald.webhook;

import static dev.herald.webhook.WebhookWorld.get;
import static dev.herald.webhook.WebhookWorld.online;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.herald.bus.Addresses;
import dev.herald.bus.message.Done;
import dev.herald.endpoint.Endpoint;
import dev.herald.endpoint.Endpoint.Format;
import dev.herald.endpoint.Endpoint.Security;
import dev.herald.endpoint.Endpoint.Settings;
import dev.herald.endpoint.Endpoint.State;
import dev.herald.endpoint.Endpoints.Edit;
import dev.herald.eventlog.EventLog;
import dev.herald.eventlog.EventLog.NewEvent;
import dev.herald.it.Receiver.Answer;
import io.vertx.core.Future;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What an outage of ten hours leaves behind: every lane with events waits eight hours more, and nothing is due. */
@Timeout(60)
class RecoveryIT {
    private static final int QUIET_LANE = 7;

    @RegisterExtension
    final WebhookWorld world = WebhookWorld.withoutEndpoint();

    @BeforeEach
    void open() throws Exception {
        world.receiver.expectOtherSignatures();
        world.chores = Duration.ofMillis(100);
        world.schedule = WebhookWorld.steps(36_000_000);
        get(world.endpoints.create(
                "one", settings(world.receiver.url()), Security.DEFAULT, (tx, made) -> Future.succeededFuture(made)));
        world.append(uids(false).stream().map(uid -> online(uid, 1)).toArray(NewEvent[]::new));
        world.query("""
                update webhook_lane l
                set attempts = 8, failing_since = now() - interval '9 h', next_at = now() + interval '8 h',
                    batch_txid = e.txid, batch_id = e.id
                from (select distinct on (lane) lane, txid, id from event order by lane, txid, id) e
                where l.endpoint = 'one' and l.lane = e.lane""");
        assertThat(waiting()).isGreaterThan(20);
    }

    @Test
    void a_new_url_is_tried_at_once_and_from_the_start() throws Exception {
        world.node(1);
        change(now -> new Edit(settings(world.receiver.url() + "?new"), now.security(), now.state(), ""));
        world.awaitAllDelivered();
    }

    @Test
    void a_change_leaves_the_endpoint_to_the_thread_of_its_node() throws Exception {
        Set<String> threads = ConcurrentHashMap.newKeySet();
        world.names = vertx -> host -> {
            threads.add(Thread.currentThread().getName());
            return Future.succeededFuture(List.of(InetAddress.getLoopbackAddress()));
        };
        world.node(1);
        for (int round = 1; round < 4; round++) {
            world.append(online(uids(true).getFirst(), round));
            world.awaitAllDelivered();
            String url = world.receiver.url() + "?" + round;
            change(now -> new Edit(settings(url), now.security(), now.state(), ""));
        }
        world.append(online(uids(true).getFirst(), 4));
        world.awaitAllDelivered();
        assertThat(world.receiver.arrivals()).anyMatch(arrival -> arrival.uri().contains("3"));
        assertThat(threads).hasSize(1);
    }

    @Test
    void all_of_an_endpoint_that_is_resumed_is_due_at_once() throws Exception {
        get(world.endpoints.change("one", now -> Edit.of(now, State.PAUSED, "asked for")));
        assertThat(waiting()).isPositive();
        get(world.endpoints.change("one", now -> Edit.of(now, State.ACTIVE, "")));
        assertThat(waiting()).isZero();
        assertThat(world.number("select count(*) from webhook_lane where attempts > 0 or failing_since is not null"))
                .isZero();
        world.node(1);
        world.awaitAllDelivered();
    }

    @Test
    void after_a_restart_the_first_event_that_is_taken_makes_all_due() throws Exception {
        world.node(1);
        world.append(online(uids(true).getFirst(), 1));
        world.awaitAllDelivered();
    }

    @Test
    void without_any_event_one_lane_tries_whether_the_endpoint_is_back() throws Exception {
        world.query("update webhook_endpoint set failing_since = now() - interval '9 h' where id = 'one'");
        world.node(1);
        world.awaitAllDelivered();
    }

    @Test
    void an_endpoint_that_is_not_back_is_tried_once_a_minute() throws Exception {
        world.query("update webhook_endpoint set failing_since = now() - interval '9 h' where id = 'one'");
        world.receiver.answer(arrival -> Answer.status(500));
        world.node(1);
        await().until(() -> !world.receiver.arrivals().isEmpty());
        await().during(Duration.ofMillis(500))
                .until(() -> world.receiver.arrivals().size() == 1);
        world.query("update webhook_endpoint set probed_at = now() - interval '2 min' where id = 'one'");
        await().until(() -> world.receiver.arrivals().size() == 2);
        assertThat(world.receiver.arrivals().get(0).id())
                .isNotEqualTo(world.receiver.arrivals().get(1).id());
    }

    @Test
    void a_clock_that_was_set_back_holds_up_nothing() throws Exception {
        world.query("update webhook_lane set lease_owner = 77, lease_until = now() + interval '1 day' where lane < 32");
        world.query("update webhook_endpoint set paced_until = now() + interval '1 day'");
        world.query("update webhook_service set seen_at = now() + interval '1 day'");
        world.node(1);
        world.awaitAllDelivered();
    }

    private void change(Function<Endpoint, Edit> edit) throws Exception {
        get(world.endpoints.change("one", edit));
        world.bus.tell(Addresses.WEBHOOKS_CHANGED, Done.DONE);
    }

    private static Settings settings(String url) {
        return new Settings(url, "", Format.WUKONG, List.of("user.*"), 100, Duration.ZERO, 16, 0);
    }

    private long waiting() throws Exception {
        return world.number("select count(*) from webhook_lane where next_at > now() + interval '5 h'");
    }

    private static List<String> uids(boolean quiet) {
        return IntStream.range(0, 300)
                .mapToObj(i -> "u" + i)
                .filter(uid -> (EventLog.laneOf(NewEvent.userKey(uid)) == QUIET_LANE) == quiet)
                .toList();
    }
}
