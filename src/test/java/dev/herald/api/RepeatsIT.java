package dev.herald.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.api.ApiServer.Answer;
import dev.herald.api.http.Documented;
import io.vertx.core.buffer.Buffer;
import java.util.Base64;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Every documented route that changes anything answers a repeat of a keyed request without doing it again. */
@Timeout(60)
class RepeatsIT {
    /** What only asks is answered anew each time, though it is posted. */
    static final Set<String> ASKING = Set.of(
            "POST /admin/verify",
            "POST /channel/changes",
            "POST /channel/messagesync",
            "POST /conversation/channels",
            "POST /conversation/sync",
            "POST /conversation/syncByChannels",
            "POST /conversation/syncMessages",
            "POST /message",
            "POST /message/eventsync",
            "POST /message/sync",
            "POST /messages",
            "POST /presence/digest",
            "POST /presence/query",
            "POST /presence/reconcile",
            "POST /route/batch",
            "POST /user/onlinestatus");

    @RegisterExtension
    static final ApiServer API =
            ApiServer.of(Map.of("webhook.key", Base64.getEncoder().encodeToString(new byte[32])));

    @Test
    void a_repeat_on_any_route_that_changes_something_is_known_as_one() {
        assertThat(Documented.ROUTES.stream()
                        .filter(route -> !route.startsWith("GET "))
                        .filter(route -> !isKnown(route)))
                .containsExactlyInAnyOrderElementsOf(ASKING);
    }

    @Test
    void an_endpoint_is_made_once_its_secret_changed_once_and_told_again_and_never_stored_as_it_is() {
        Answer created = twice("POST", "/webhooks", "{\"url\":\"https://backend.example/hook\"}");
        String path = "/webhooks/" + created.data().getString("id");
        assertThat(API.sql.value("select count(*) from webhook_endpoint where id like 'wh%'"))
                .isEqualTo("1");
        Answer rotated = twice("POST", path + "/rotate", "{}");
        assertThat(rotated.body()).isNotEqualTo(created.body());
        for (Answer answer : new Answer[] {created, rotated}) {
            String secret = answer.data().getString("secret");
            assertThat(secret).startsWith("whsec_");
            assertThat(API.sql.rows(
                            "select from idempotency where position($1::bytea in body) > 0", Buffer.buffer(secret)))
                    .isEmpty();
        }
        twice("DELETE", path, "");
    }

    private static boolean isKnown(String route) {
        String[] parts = route.split(" ", -1);
        String path = parts[1].replaceAll("\\{\\w+}", "x1");
        String key = route.replaceAll("\\W", "-");
        Answer first = API.call(parts[0], path, "{}", "Idempotency-Key", key);
        Answer second = API.call(parts[0], path, "{}", "Idempotency-Key", key);
        assertThat(first.status()).as(route).isLessThan(500);
        return second.header("Idempotency-Replayed").equals("true")
                && second.status() == first.status()
                && second.body().equals(first.body());
    }

    private static Answer twice(String method, String path, String body) {
        String key = "twice" + path;
        Answer first = API.call(method, path, body, "Idempotency-Key", method + key);
        Answer second = API.call(method, path, body, "Idempotency-Key", method + key);
        assertThat(first.status()).isEqualTo(200);
        assertThat(second.body()).isEqualTo(first.body());
        return second;
    }
}
