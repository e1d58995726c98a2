package dev.herald.socket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import dev.herald.bus.message.PresenceMessage.EndReason;
import dev.herald.bus.message.PresenceMessage.SessionInfo;
import dev.herald.bus.message.PresenceMessage.SessionOpened;
import dev.herald.device.Standing;
import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import dev.herald.model.Reason;
import dev.herald.wire.Frame;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.UpgradeRejectedException;
import io.vertx.junit5.VertxExtension;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(VertxExtension.class)
@Timeout(120)
class ConnectTest {

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 4, 5})
    void opens_a_session_for_every_binary_version(int version, Vertx vertx) {
        SocketNode node = new SocketNode(vertx);
        node.binary(version).login("u1");
        SessionInfo session = node.peers.opened.getFirst().session();
        assertThat(SessionInfo.incarnationOf(session.id())).isEqualTo(SocketNode.INCARNATION);
        assertThat(session.uid()).isEqualTo("u1");
        assertThat(session.deviceFlag()).isEqualTo(1);
        assertThat(session.deviceId()).isEqualTo("d-u1");
        assertThat(session.master()).isFalse();
    }

    @Test
    void opens_a_session_for_json_rpc(Vertx vertx) {
        SocketNode node = new SocketNode(vertx);
        node.json().login("u1");
        assertThat(node.peers.opened).hasSize(1);
    }

    @Test
    void gives_every_session_of_the_node_its_own_id(Vertx vertx) {
        SocketNode node = new SocketNode(vertx);
        for (int i = 0; i < 8; i++) {
            node.binary(5).login("u1");
        }
        assertThat(node.peers.opened.stream().map(open -> open.session().id()).distinct())
                .hasSize(8);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a@b", "a#b", "a&b", "____system", "____manager"})
    void refuses_a_uid_that_breaks_the_rules(String uid, Vertx vertx) {
        SocketNode node = new SocketNode(vertx);
        TestClient client = node.binary(5);
        client.send(client.connectFrame(uid));
        assertThat(client.next(0, Frame.ConnAck.class).reasonCode()).isEqualTo(Reason.AUTH_FAIL.code());
        assertThat(client.closeCode()).isEqualTo(4401);
        TestClient json = node.json();
        json.send(json.connectFrame(uid));
        assertThat(json.next(0, Frame.BadRequest.class).text()).contains("uid");
        assertThat(json.closeCode()).isEqualTo(4401);
        assertThat(node.peers.opened).isEmpty();
    }

    @Test
    void refuses_a_device_id_over_its_limit(Vertx vertx) {
        SocketNode node = new SocketNode(vertx);
        TestClient client = node.binary(5);
        Frame.Connect good = client.connectFrame("u1");
        client.send(new Frame.Connect(5, 1, "d".repeat(256), "u1", "t", 1, good.clientKey()));
        assertThat(client.next(0, Frame.ConnAck.class).reasonCode()).isEqualTo(Reason.AUTH_FAIL.code());
        client.closeCode();
    }

    @Test
    void refuses_a_banned_user(Vertx vertx) {
        SocketNode node = new SocketNode(vertx);
        node.register = (uid, flag) -> Future.succeededFuture(new Standing(null, true, null));
        TestClient client = node.binary(5);
        client.send(client.connectFrame("u1"));
        assertThat(client.next(0, Frame.ConnAck.class).reasonCode()).isEqualTo(Reason.BAN.code());
        assertThat(client.closeCode()).isEqualTo(4403);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "AAAA"})
    void refuses_an_unusable_key(String key, Vertx vertx) {
        SocketNode node = new SocketNode(vertx);
        TestClient client = node.binary(5);
        client.send(new Frame.Connect(5, 1, "d", "u1", "t", 1, key));
        assertThat(client.next(0, Frame.ConnAck.class).reasonCode()).isEqualTo(Reason.CLIENT_KEY_EMPTY.code());
        client.closeCode();
        assertThat(node.peers.opened).isEmpty();
    }

    @Test
    void asks_to_come_back_without_an_answer_while_a_store_is_down(Vertx vertx) {
        SocketNode node = new SocketNode(vertx);
        node.register = (uid, flag) -> Future.failedFuture("down");
        for (TestClient client : List.of(node.binary(5), node.json())) {
            client.send(client.connectFrame("u1"));
            assertComesBack(client);
        }
    }

    @Test
    void ends_a_session_that_the_registry_may_have_opened(Vertx vertx) {
        SocketNode node = new SocketNode(vertx);
        node.peers.onOpen = open -> Future.failedFuture(new HeraldException(Failure.TIMEOUT, "slow"));
        TestClient client = node.binary(5);
        client.send(client.connectFrame("u1"));
        assertComesBack(client);
        await().untilAsserted(() -> assertThat(node.peers.ended).hasSize(1));
    }

    @Test
    void ends_a_session_once_if_the_client_left_while_it_was_opened(Vertx vertx) {
        SocketNode node = new SocketNode(vertx);
        Promise<SessionOpened> answer = node.peers.holdOpenings();
        TestClient client = node.binary(5);
        client.send(client.connectFrame("u1"));
        await().until(() -> !node.peers.opened.isEmpty());
        client.socket.close();
        client.closeCode();
        // The end must not overtake the opening that it ends.
        await().during(Duration.ofMillis(200)).until(() -> node.peers.ended.isEmpty());
        answer.complete(new SessionOpened(1));
        await().untilAsserted(() -> assertThat(node.peers.ended).singleElement().satisfies(end -> {
            assertThat(end.id())
                    .isEqualTo(node.peers.opened.getFirst().session().id());
            assertThat(end.reason()).isEqualTo(EndReason.CLOSE);
        }));
    }

    @Test
    void reads_what_came_with_the_connect_after_its_answer(Vertx vertx) {
        SocketNode node = new SocketNode(vertx);
        TestClient client = node.json();
        byte[] connect = client.encode(client.connectFrame("u1"));
        byte[] ping = client.encode(new Frame.Ping());
        byte[] both = new byte[connect.length + ping.length];
        System.arraycopy(connect, 0, both, 0, connect.length);
        System.arraycopy(ping, 0, both, connect.length, ping.length);
        client.raw(both);
        client.next(0, Frame.ConnAck.class);
        client.next(1, Frame.Pong.class);
    }

    @Test
    void closes_a_connection_that_begins_with_another_frame(Vertx vertx) {
        SocketNode node = new SocketNode(vertx);
        TestClient client = node.binary(5);
        client.send(new Frame.Ping());
        assertThat(client.closeCode()).isEqualTo(4400);
        TestClient json = node.json();
        json.send(new Frame.Ping());
        assertThat(json.closeCode()).isEqualTo(4400);
    }

    @Test
    void tells_a_json_client_what_is_wrong_with_its_connect(Vertx vertx) {
        TestClient client = new SocketNode(vertx).json();
        client.raw("{\"id\":\"1\",\"method\":\"connect\",\"params\":{\"uid\":\"u1\",\"deviceFlag\":\"1\"}}"
                .getBytes(StandardCharsets.UTF_8));
        assertThat(client.next(0, Frame.BadRequest.class).text()).contains("deviceFlag");
        assertThat(client.closeCode()).isEqualTo(4400);
    }

    @Test
    void passes_over_a_second_connect(Vertx vertx) {
        SocketNode node = new SocketNode(vertx);
        TestClient client = node.binary(5).login("u1");
        client.send(client.connectFrame("u2"));
        client.send(new Frame.Ping());
        client.next(1, Frame.Pong.class);
        assertThat(node.peers.opened).hasSize(1);
    }

    @Test
    void closes_a_connection_without_connect_in_time(Vertx vertx) {
        SocketNode node = new SocketNode(vertx, "ws.handshake-timeout", "PT0.2S");
        assertThat(node.binary(5).closeCode()).isEqualTo(1013);
    }

    @Test
    void asks_to_come_back_when_authentication_hangs(Vertx vertx) {
        SocketNode node = new SocketNode(vertx, "ws.handshake-timeout", "PT0.2S");
        node.register = (uid, flag) -> Promise.<Standing>promise().future();
        TestClient client = node.binary(5);
        client.send(client.connectFrame("u1"));
        assertComesBack(client);
    }

    @Test
    void rejects_connections_over_the_cap_and_takes_others_when_some_have_gone(Vertx vertx) {
        SocketNode node = new SocketNode(vertx, "ws.max-connections", "3");
        TestClient first = node.binary(5).login("u1");
        node.binary(5).login("u2");
        node.binary(5).login("u3");
        assertThat(catchThrowable(() -> node.binary(5)))
                .isInstanceOfSatisfying(UpgradeRejectedException.class, rejected -> assertThat(rejected.getStatus())
                        .isEqualTo(503));
        first.socket.close();
        await().untilAsserted(() -> assertThat(node.peers.ended).hasSize(1));
        node.binary(5).login("u4");
    }

    /** Closed with words and nothing before them: clients take any answer but success for final. */
    private static void assertComesBack(TestClient client) {
        assertThat(client.closeCode()).isEqualTo(1013);
        assertThat(client.socket.closeReason()).contains("try again later");
        assertThat(client.received).isEmpty();
    }
}
