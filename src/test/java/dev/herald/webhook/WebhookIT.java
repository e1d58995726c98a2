package dev.herald.webhook;

import static dev.herald.webhook.WebhookWorld.online;
import static dev.herald.webhook.WebhookWorld.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.standardwebhooks.Webhook;
import dev.herald.config.ConfigLoader;
import dev.herald.endpoint.Endpoint;
import dev.herald.endpoint.Endpoint.Scheme;
import dev.herald.endpoint.Endpoint.Security;
import dev.herald.endpoint.Endpoints.Edit;
import dev.herald.endpoint.Secrets;
import dev.herald.endpoint.SigningSecret;
import dev.herald.endpoint.Vault;
import dev.herald.eventlog.EventLog.NewEvent;
import dev.herald.it.Receiver;
import dev.herald.it.Receiver.Answer;
import dev.herald.it.Receiver.Arrival;
import dev.herald.webhook.post.Attempt;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class WebhookIT {
    @RegisterExtension
    final WebhookWorld world = WebhookWorld.configured();

    private final Receiver receiver = world.receiver;

    @Test
    void posts_a_users_status_changes_in_one_body() throws Exception {
        world.append(online("u1", 1), online("u1", 2), online("u1", 3));
        world.node(1);
        world.awaitAllDelivered();
        Arrival arrival = receiver.arrivals().getFirst();
        assertThat(arrival.texts()).containsExactly(text("u1", 1), text("u1", 2), text("u1", 3));
        assertThat(arrival.uri()).isEqualTo("/hook?event=user.onlinestatus");
        assertThat(arrival.headers().get("content-type")).containsExactly("application/json");
        assertThat(receiver.arrivals()).hasSize(1);
    }

    @Test
    void delivers_soon_after_a_nudge_without_any_sweep() throws Exception {
        world.sweep = Duration.ofHours(1);
        world.node(1);
        for (int n = 1; n <= 3; n++) {
            int expected = n;
            world.append(online("u1", n));
            await().until(() -> receiver.arrivals().size() == expected);
        }
    }

    @Test
    void finds_events_whose_nudge_was_lost() throws Exception {
        world.node(1);
        WebhookWorld.append(world.pg.transactions(), online("u1", 1));
        await().until(() -> receiver.arrivals().size() == 1);
    }

    @Test
    void adds_the_event_to_a_url_that_has_a_query() throws Exception {
        world.config.put("webhook.url", receiver.url() + "?tenant=a%20b&x=1");
        world.append(online("u1", 1));
        world.node(1);
        world.awaitAllDelivered();
        assertThat(receiver.arrivals().getFirst().uri()).isEqualTo("/hook?tenant=a%20b&x=1&event=user.onlinestatus");
    }

    @Test
    void without_a_secret_requests_are_signed_with_one_of_heralds_own() throws Exception {
        receiver.expectOtherSignatures();
        world.config.put("webhook.secret", "");
        world.append(online("u1", 1));
        world.node(1);
        world.awaitAllDelivered();
        Arrival arrival = receiver.arrivals().getFirst();
        Vault vault = Vault.open(ConfigLoader.load(world.config));
        new Webhook(vault.ownSecret(Endpoint.CONFIGURED).text()).verify(arrival.body(), arrival.headers());
        assertThat(vault.ownSecret(Endpoint.CONFIGURED)).isNotEqualTo(vault.ownSecret("another"));
    }

    @Test
    void a_secret_that_the_api_made_lasts_until_the_configuration_gives_one() throws Exception {
        world.config.put("webhook.secret", "");
        Vault vault = Vault.open(ConfigLoader.load(world.config));
        Security made = new Security(
                Scheme.V1,
                List.of(),
                List.of(),
                Secrets.of(new SigningSecret(Receiver.SECRET)).seal(vault, Endpoint.CONFIGURED),
                null);
        WebhookWorld.get(world.endpoints.change(
                Endpoint.CONFIGURED, now -> new Edit(now.settings(), made, now.state(), now.stateReason())));
        String first = world.node(1);
        world.append(online("u1", 1));
        world.awaitAllDelivered();
        assertThat(receiver.badSignatures()).isEmpty();
        WebhookWorld.get(world.vertx.undeploy(first));

        SigningSecret pair = SigningSecret.generate(Scheme.V1A);
        world.config.put("webhook.secret", pair.text());
        receiver.expectOtherSignatures();
        world.node(2);
        world.append(online("u1", 2));
        world.awaitAllDelivered();
        assertThat(receiver.arrivals()
                        .getLast()
                        .headers()
                        .get("webhook-signature")
                        .getFirst())
                .startsWith("v1a,");
        Security shown = WebhookWorld.get(world.endpoints.find(Endpoint.CONFIGURED))
                .orElseThrow()
                .security();
        assertThat(shown).isEqualTo(new Security(Scheme.V1A, List.of(pair.publicKey()), List.of(), null, null));
    }

    @Test
    void headers_of_the_configuration_are_sent_and_only_their_names_are_stored() throws Exception {
        world.config.put("webhook.headers", "{\"Authorization\":\"Bearer abc\",\"X-Tenant\":\"a b\"}");
        world.append(online("u1", 1));
        world.node(1);
        world.awaitAllDelivered();
        assertThat(receiver.arrivals().getFirst().headers())
                .containsEntry("authorization", List.of("Bearer abc"))
                .containsEntry("x-tenant", List.of("a b"));
        assertThat(world.query("select webhook_endpoint::text from webhook_endpoint where id = 'config'")
                        .iterator()
                        .next()
                        .getString(0))
                .contains("X-Tenant")
                .doesNotContain("abc");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"webhook-id\":\"mine\"}", "{\"Host\":\"elsewhere\"}", "{\"X\":\"a\\r\\nY: b\"}"})
    void a_header_that_is_not_ones_own_ends_the_start(String headers) {
        world.config.put("webhook.headers", headers);
        assertThatThrownBy(() -> world.node(1)).hasMessageContaining("webhook.headers");
    }

    @Test
    void while_the_secret_changes_both_verify() throws Exception {
        world.config.put("webhook.secret", "whsec_" + "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz");
        world.config.put("webhook.old-secret", Receiver.SECRET);
        world.append(online("u1", 1));
        world.node(1);
        world.awaitAllDelivered();
        assertThat(receiver.arrivals().getFirst().headers().get("webhook-signature"))
                .singleElement()
                .asString()
                .matches("v1,\\S+ v1,\\S+");
        assertThat(receiver.badSignatures()).isEmpty();
    }

    @Test
    void an_endpoint_that_the_configuration_drops_is_told_nothing_and_goes_on_when_it_is_back() throws Exception {
        world.config.put("webhook.url", "");
        String without = world.node(1);
        world.append(online("u1", 1));
        WebhookWorld.get(world.vertx.undeploy(without));
        assertThat(receiver.arrivals()).isEmpty();
        world.config.put("webhook.url", receiver.url());
        world.node(2);
        world.awaitAllDelivered();
        assertThat(receiver.arrivals().getFirst().texts()).containsExactly(text("u1", 1));
    }

    @Test
    void a_batch_has_events_of_one_type_in_the_order_of_its_lane() throws Exception {
        long channel = channelInLaneOf(online("u1", 0));
        storeMessage(channel, 1, "u2", 0);
        world.append(online("u1", 1), online("u1", 2), notify(channel, 1), online("u1", 3));
        world.node(1);
        world.awaitAllDelivered();
        assertThat(receiver.arrivals())
                .extracting(arrival -> arrival.uri() + " " + arrival.events().size())
                .containsExactly(
                        "/hook?event=user.onlinestatus 2",
                        "/hook?event=msg.notify 1",
                        "/hook?event=user.onlinestatus 1");
    }

    @Test
    void no_batch_is_larger_than_configured() throws Exception {
        world.config.put("webhook.batch-size", "2");
        world.append(online("u1", 1), online("u1", 2), online("u1", 3), online("u1", 4), online("u1", 5));
        world.node(1);
        world.awaitAllDelivered();
        assertThat(receiver.arrivals())
                .extracting(arrival -> arrival.events().size())
                .containsExactly(2, 2, 1);
    }

    @Test
    void shows_a_stored_message_as_wukongim_does() throws Exception {
        storeMessage(7, 3, "u1", 2 | 4);
        storeMessage(7, 4, "____system", 1);
        world.append(notify(7, 3), notify(7, 4));
        world.node(1);
        world.awaitAllDelivered();
        JsonObject user = receiver.arrivals().getFirst().events().getJsonObject(0);
        assertThat(user)
                .isEqualTo(new JsonObject()
                        .put(
                                "header",
                                new JsonObject()
                                        .put("no_persist", 0)
                                        .put("red_dot", 1)
                                        .put("sync_once", 1))
                        .put("setting", 5)
                        .put("message_id", user.getValue("message_id"))
                        .put("message_idstr", user.getValue("message_id").toString())
                        .put("client_msg_no", "no-3")
                        .put("message_seq", 3)
                        .put("from_uid", "u1")
                        .put("channel_id", "g7")
                        .put("channel_type", 2)
                        .put("topic", "t")
                        .put("expire", 60)
                        .put("timestamp", 1_700_000_000)
                        .put("payload", Base64.getEncoder().encodeToString("{\"type\":1}".getBytes())));
        JsonObject system = receiver.arrivals().getFirst().events().getJsonObject(1);
        assertThat(system.getString("from_uid")).isEmpty();
        assertThat(system.getJsonObject("header").getInteger("no_persist")).isEqualTo(1);
    }

    @Test
    void a_request_holds_no_more_of_large_messages_than_memory_is_meant_for() throws Exception {
        for (int seq = 1; seq <= 6; seq++) {
            world.query("""
                    insert into message (channel, seq, from_uid, client_msg_no, flags, setting, expire, topic, payload)
                    select 7, %1$d, 'u1', 'no-%1$d', 0, 0, 0, '', convert_to(string_agg(md5((n * %1$d)::text), ''), 'UTF8')
                    from generate_series(1, %2$d) n""".formatted(seq, seq == 3 ? 21_875 : 12_000));
        }
        world.append(notify(7, 1), notify(7, 2), notify(7, 3), notify(7, 4), notify(7, 5), notify(7, 6));
        world.node(1);
        world.awaitAllDelivered();
        assertThat(receiver.arrivals())
                .extracting(arrival -> arrival.events().stream()
                        .map(message -> ((JsonObject) message).getInteger("message_seq"))
                        .toList())
                .containsExactly(List.of(1, 2), List.of(3), List.of(4, 5), List.of(6));
        assertThat(world.number("select count(*) from dead_letter")).isZero();
    }

    @Test
    void a_message_that_is_gone_is_shown_by_its_event_if_that_holds_it() throws Exception {
        JsonObject message = JsonObject.of("message_seq", 1, "from_uid", "____system");
        world.append(new NewEvent(
                "msg.notify",
                NewEvent.channelKey(7),
                JsonObject.of("channel", 7, "seq", 1, "channel_id", "g1", "channel_type", 2, "message", message)));
        world.node(1);
        world.awaitAllDelivered();

        assertThat(new JsonArray(receiver.arrivals().getFirst().body()))
                .isEqualTo(new JsonArray().add(JsonObject.of("message_seq", 1, "from_uid", "")));
    }

    @Test
    void an_event_that_cannot_be_shown_holds_up_nobody() throws Exception {
        storeMessage(7, 2, "u1", 0);
        world.append(
                notify(7, 1),
                notify(7, 2),
                new NewEvent("msg.notify", NewEvent.channelKey(7), new JsonObject().put("channel", "seven")),
                new NewEvent("user.onlinestatus", NewEvent.userKey("u9"), new JsonObject().put("uid", "u9")),
                online("u1", 1));
        world.node(1);
        world.awaitAllDelivered();
        assertThat(receiver.arrivals())
                .extracting(arrival -> arrival.events().size())
                .containsExactly(1, 1);
    }

    @Test
    void events_of_a_type_that_wukongim_has_not_are_posted_as_their_data_to_who_asks_for_them() throws Exception {
        world.config.put("webhook.events", "presence.*, user.onlinestatus");
        world.node(1);
        world.append(new NewEvent("presence.drift", NewEvent.userKey("u1"), new JsonObject().put("ghosts", 3)));
        world.awaitAllDelivered();
        assertThat(receiver.arrivals().getFirst().body()).isEqualTo("[{\"ghosts\":3}]");
    }

    @Test
    void redirects_are_failures_and_long_answers_are_cut() throws Exception {
        AtomicBoolean cut = new AtomicBoolean();
        receiver.answer(arrival -> arrival.number() == 0
                ? Answer.status(302, "location", receiver.url() + "/elsewhere")
                : (vertx, request) -> {
                    request.connection().closeHandler(v -> cut.set(true));
                    request.response().setChunked(true);
                    vertx.setPeriodic(1, timer -> request.response()
                            .write(Buffer.buffer("x".repeat(10_000)))
                            .onFailure(closed -> vertx.cancelTimer(timer)));
                });
        world.append(online("u1", 1));
        world.node(1);
        await().until(cut::get);
        world.awaitAllDelivered();
        assertThat(receiver.arrivals())
                .extracting(Arrival::uri)
                .containsExactly("/hook?event=user.onlinestatus", "/hook?event=user.onlinestatus");
        await().until(() ->
                world.number("select coalesce(max(length(answer)), 0) from webhook_attempt") == Attempt.KEPT_BYTES);
    }

    @Test
    void a_retry_carries_the_same_events_under_the_same_id_at_its_own_time() throws Exception {
        receiver.answer(arrival -> arrival.number() < 2 ? Answer.status(500) : Answer.status(204));
        world.schedule = WebhookWorld.steps(1000);
        world.append(online("u1", 1), online("u1", 2));
        world.node(1);
        await().until(() -> receiver.arrivals().size() == 1);
        world.append(online("u1", 3));
        world.awaitAllDelivered();
        List<Arrival> arrivals = receiver.arrivals();
        assertThat(arrivals).hasSize(4);
        assertThat(arrivals.subList(0, 3))
                .extracting(Arrival::id)
                .containsOnly(arrivals.getFirst().id());
        assertThat(arrivals.subList(0, 3))
                .extracting(Arrival::body)
                .containsOnly(arrivals.getFirst().body());
        assertThat(arrivals.get(3).texts()).containsExactly(text("u1", 3));
        assertThat(arrivals.get(3).id()).isNotEqualTo(arrivals.getFirst().id());
        assertThat(arrivals.get(2).headers().get("webhook-timestamp"))
                .isNotEqualTo(arrivals.get(0).headers().get("webhook-timestamp"));
    }

    @Test
    void a_new_endpoint_is_not_told_what_was_logged_before_it_came() throws Exception {
        world.query("delete from webhook_endpoint");
        world.append(online("early", 1));
        world.node(1);
        world.append(online("late", 1));

        world.awaitAllDelivered();
        assertThat(receiver.arrivals().stream().flatMap(arrival -> arrival.texts().stream()))
                .containsExactly(text("late", 1));
    }

    @Test
    void waits_as_long_as_the_receiver_asks() throws Exception {
        receiver.answer(arrival -> arrival.number() == 0 ? Answer.status(429, "retry-after", "2") : Answer.status(200));
        world.append(online("u1", 1));
        world.node(1);
        world.awaitAllDelivered();
        long waited = receiver.arrivals().get(1).atMillis()
                - receiver.arrivals().get(0).atMillis();
        assertThat(waited).isGreaterThanOrEqualTo(1_950);
    }

    private static NewEvent notify(long channel, long seq) {
        JsonObject data = new JsonObject().put("channel", channel).put("seq", seq);
        return new NewEvent(
                "msg.notify",
                NewEvent.channelKey(channel),
                data.put("channel_id", "g" + channel).put("channel_type", 2));
    }

    private void storeMessage(long channel, long seq, String fromUid, int flags) throws Exception {
        world.query("""
                insert into message (channel, seq, from_uid, client_msg_no, flags, setting, expire, topic, created_at, payload)
                values (%d, %d, '%s', 'no-%2$d', %d, 5, 60, 't', to_timestamp(1700000000.9), '{"type":1}')""".formatted(channel, seq, fromUid, flags));
    }

    private static long channelInLaneOf(NewEvent other) {
        int lane = Math.floorMod(other.key().hashCode(), 64);
        long channel = 1;
        while (Math.floorMod(NewEvent.channelKey(channel).hashCode(), 64) != lane) {
            channel++;
        }
        return channel;
    }
}
