package dev.herald.webhook;

import static dev.herald.webhook.WebhookWorld.get;
import static dev.herald.webhook.WebhookWorld.online;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.herald.bus.Addresses;
import dev.herald.bus.message.Done;
import dev.herald.endpoint.Endpoint.Format;
import dev.herald.endpoint.Endpoint.Security;
import dev.herald.endpoint.Endpoint.Settings;
import dev.herald.it.Receiver;
import dev.herald.it.Receiver.Answer;
import dev.herald.it.Receiver.Arrival;
import dev.herald.webhook.retry.Breaker;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** How long one endpoint's events are on their way while another one fails. */
@Timeout(120)
class NeighbourIT {
    @RegisterExtension
    final WebhookWorld world = WebhookWorld.withoutEndpoint();

    private final Receiver receiver = world.receiver;
    private int rounds;

    @BeforeEach
    void open() throws Exception {
        receiver.expectOtherSignatures();
    }

    @Test
    void one_that_fails_at_once_and_always_delays_no_other() throws Exception {
        Receiver broken = new Receiver(world.vertx);
        broken.expectOtherSignatures();
        broken.answer(arrival -> Answer.status(500));
        create("alive", receiver);
        world.node(1);
        long alone = quietest();
        create("broken", broken);
        await().until(() -> {
            world.append(online("first", 1));
            return broken.arrivals().size() > Breaker.FAILURES;
        });
        await().until(this::slowestOfMost, beside -> beside < 2 * alone + 50);
        assertThat(broken.taken()).isEmpty();
    }

    /** Of some rounds the one that the machine disturbed least. */
    private long quietest() throws Exception {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 4; i++) {
            least = Math.min(least, slowestOfMost());
        }
        return least;
    }

    /** Milliseconds from the append to the arrival of one event in a hundred, the 99th percentile. */
    private long slowestOfMost() throws Exception {
        int round = ++rounds;
        Map<String, Long> sent = new HashMap<>();
        for (int i = 0; i < 200; i++) {
            String uid = "r" + round + "-" + i;
            sent.put(uid, System.currentTimeMillis());
            world.append(online(uid, 1));
        }
        Function<Arrival, String> uidOf =
                arrival -> new JsonObject(arrival.body()).getJsonObject("data").getString("uid");
        await().until(() -> receiver.arrivals().stream()
                .map(uidOf)
                .collect(Collectors.toSet())
                .containsAll(sent.keySet()));
        List<Long> latencies = receiver.arrivals().stream()
                .filter(arrival -> sent.containsKey(uidOf.apply(arrival)))
                .map(arrival -> arrival.atMillis() - sent.get(uidOf.apply(arrival)))
                .sorted()
                .toList();
        return latencies.get(latencies.size() * 99 / 100 - 1);
    }

    private void create(String id, Receiver to) throws Exception {
        Settings settings = new Settings(to.url(), "", Format.STANDARD, List.of("user.*"), 1, Duration.ZERO, 8, 0);
        get(world.endpoints.create(id, settings, Security.DEFAULT, (tx, made) -> Future.succeededFuture(made)));
        world.bus.tell(Addresses.WEBHOOKS_CHANGED, Done.DONE);
    }
}
