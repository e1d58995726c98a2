package dev.herald.socket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.bus.message.PresenceMessage.OpenSession;
import dev.herald.device.Standing;
import dev.herald.jwt.Issuer;
import dev.herald.model.Reason;
import dev.herald.wire.Frame;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.junit5.VertxExtension;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** A token that is stored nowhere lets in whom it names, as what it says. */
@ExtendWith(VertxExtension.class)
@Timeout(120)
class JwtLoginTest {
    private static final Instant NOW = Instant.now();

    @Test
    void lets_in_the_device_that_the_token_names(Vertx vertx) {
        SocketNode node = node(vertx);

        assertThat(answer(node, "u1", Issuer.claims("u1"))).isEqualTo(Reason.SUCCESS.code());
        assertThat(answer(node, "u1", Issuer.claims("u1").put("device_flag", 1).put("device_level", 1)))
                .isEqualTo(Reason.SUCCESS.code());
        assertThat(node.peers.opened.stream().map(OpenSession::session).map(session -> session.master()))
                .containsExactly(false, true);
    }

    @Test
    void refuses_another_user_or_device_and_what_is_over(Vertx vertx) {
        SocketNode node = node(vertx);

        for (JsonObject claims : new JsonObject[] {
            Issuer.claims("u2"),
            Issuer.claims("u1").put("device_flag", 0),
            Issuer.claims("u1").put("exp", NOW.getEpochSecond() - 60)
        }) {
            assertThat(answer(node, "u1", claims)).isEqualTo(Reason.AUTH_FAIL.code());
        }
        assertThat(node.peers.opened).isEmpty();
    }

    @Test
    void a_device_that_was_told_to_quit_needs_a_newer_token(Vertx vertx) {
        SocketNode node = node(vertx);
        node.register = (uid, flag) -> Future.succeededFuture(new Standing(null, false, NOW));

        JsonObject older = Issuer.claims("u1").put("iat", NOW.getEpochSecond() - 1);
        assertThat(answer(node, "u1", older)).isEqualTo(Reason.AUTH_FAIL.code());
        JsonObject newer = Issuer.claims("u1").put("iat", NOW.getEpochSecond());
        assertThat(answer(node, "u1", newer)).isEqualTo(Reason.SUCCESS.code());
    }

    @Test
    void a_token_without_a_date_is_good_until_the_device_is_told_to_quit(Vertx vertx) {
        SocketNode node = node(vertx);
        JsonObject undated = Issuer.claims("u1");
        undated.remove("iat");

        assertThat(answer(node, "u1", undated)).isEqualTo(Reason.SUCCESS.code());
        node.register = (uid, flag) -> Future.succeededFuture(new Standing(null, false, NOW));
        assertThat(answer(node, "u1", undated)).isEqualTo(Reason.AUTH_FAIL.code());
    }

    @Test
    void a_banned_user_is_banned_whatever_the_token_says(Vertx vertx) {
        SocketNode node = node(vertx);
        node.register = (uid, flag) -> Future.succeededFuture(new Standing(null, true, null));

        assertThat(answer(node, "u1", Issuer.claims("u1"))).isEqualTo(Reason.BAN.code());
    }

    private static SocketNode node(Vertx vertx) {
        return new SocketNode(vertx, "client.auth", "jwt", "client.jwt.secret", Issuer.SECRET);
    }

    private static int answer(SocketNode node, String uid, JsonObject claims) {
        TestClient client = node.binary(5);
        Frame.Connect frame = client.connectFrame(uid);
        client.send(new Frame.Connect(5, 1, frame.deviceId(), uid, Issuer.shared(claims), 1, frame.clientKey()));
        return client.next(0, Frame.ConnAck.class).reasonCode();
    }
}
