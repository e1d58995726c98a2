package dev.herald.socket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.herald.bus.message.PresenceMessage.SessionOpened;
import dev.herald.device.Device;
import dev.herald.device.Devices;
import dev.herald.device.Standings;
import dev.herald.it.Stores;
import dev.herald.model.Reason;
import dev.herald.postgres.PgClients;
import dev.herald.wire.Frame;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Clients prove themselves against a real PostgreSQL; a client's token is always "t", its device flag 1. */
@ExtendWith(VertxExtension.class)
@Timeout(120)
class AuthenticationIT {
    private PgClients pg;
    private Devices devices;
    private SocketNode node;

    @BeforeEach
    void open(Vertx vertx) {
        pg = PgClients.open(vertx, Stores.freshPostgres(), 4);
        devices = new Devices(pg);
        node = new SocketNode(vertx, "client.auth", "token");
        node.register = new Standings(pg)::find;
    }

    @Test
    void believes_a_client_with_the_token_of_its_device() {
        SocketNode.await(devices.setToken("u1", 1, "t", Device.SLAVE, Optional.empty()));
        SocketNode.await(devices.setToken("u2", 1, "t", Device.MASTER, Optional.empty()));
        node.binary(5).login("u1");
        node.json().login("u2");
        assertThat(node.peers.opened.stream().map(open -> open.session().master()))
                .containsExactly(false, true);
    }

    @Test
    void refuses_a_client_without_it() {
        SocketNode.await(devices.setToken("u1", 1, "other", Device.SLAVE, Optional.empty()));
        SocketNode.await(devices.setToken("u2", 0, "t", Device.SLAVE, Optional.empty()));
        SocketNode.await(devices.setToken("u3", 1, "t", Device.SLAVE, Optional.empty()));
        SocketNode.await(devices.clearToken("u3", 1, Optional.empty()));
        for (String uid : new String[] {"u1", "u2", "u3", "u4"}) {
            assertRefused(uid, Reason.AUTH_FAIL);
        }
        assertThat(node.peers.opened).isEmpty();
    }

    @Test
    void refuses_an_empty_token_even_if_it_were_stored() {
        SocketNode.await(devices.setToken("u1", 1, "", Device.SLAVE, Optional.empty()));
        TestClient client = node.binary(5);
        String key = client.connectFrame("u1").clientKey();
        client.send(new Frame.Connect(5, 1, "d", "u1", "", 1, key));
        assertThat(client.next(0, Frame.ConnAck.class).reasonCode()).isEqualTo(Reason.AUTH_FAIL.code());
    }

    @Test
    void refuses_a_banned_user_with_a_good_token() {
        SocketNode.await(devices.setToken("u1", 1, "t", Device.MASTER, Optional.empty()));
        SocketNode.await(pg.statements()
                .query("insert into channel (channel_id, channel_type, ban) values ('u1', 1, true)")
                .execute());
        assertRefused("u1", Reason.BAN);
    }

    @Test
    void makes_nobody_a_master_where_no_token_is_asked(Vertx vertx) {
        SocketNode.await(devices.setToken("u1", 1, "t", Device.MASTER, Optional.empty()));
        SocketNode.await(node.stop());
        SocketNode open = new SocketNode(Vertx.vertx());
        open.register = new Standings(pg)::find;
        open.binary(5).login("u1");
        assertThat(open.peers.opened.getFirst().session().master()).isFalse();
        SocketNode.await(open.vertx.close());
    }

    @Test
    void asks_to_come_back_when_the_database_is_gone() {
        SocketNode.await(pg.close());
        TestClient client = node.binary(5);
        client.send(client.connectFrame("u1"));
        assertThat(client.closeCode()).isEqualTo(1013);
        assertThat(client.received).isEmpty();
    }

    @Test
    void a_token_that_is_withdrawn_while_its_client_connects_is_noticed() {
        SocketNode.await(devices.setToken("u1", 1, "t", Device.SLAVE, Optional.empty()));
        node.peers.onOpen =
                open -> devices.clearToken("u1", Devices.ALL, Optional.empty()).map(new SessionOpened(1));
        assertRefused("u1", Reason.AUTH_FAIL);
        await().until(() -> node.peers.ended.size() == 1);
    }

    private void assertRefused(String uid, Reason reason) {
        TestClient client = node.binary(5);
        client.send(client.connectFrame(uid));
        assertThat(client.next(0, Frame.ConnAck.class).reasonCode()).isEqualTo(reason.code());
        client.closeCode();
    }
}
