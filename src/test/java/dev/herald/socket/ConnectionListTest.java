package dev.herald.socket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.herald.bus.Addresses;
import dev.herald.bus.message.PresenceMessage.OpenSession;
import dev.herald.bus.message.PresenceMessage.SessionInfo;
import dev.herald.bus.message.SocketMessage.ConnectionList;
import dev.herald.bus.message.SocketMessage.ConnectionRow;
import dev.herald.bus.message.SocketMessage.ListConnections;
import dev.herald.it.Sql;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
@Timeout(120)
class ConnectionListTest {

    @Test
    void lists_who_is_connected_page_by_page(Vertx vertx) {
        SocketNode node = new SocketNode(vertx);
        TestClient first = node.binary(5).login("u1");
        node.json().login("u2");
        node.binary(5).login("u1");
        List<Long> ids = node.peers.opened.stream()
                .map(OpenSession::session)
                .map(SessionInfo::id)
                .sorted()
                .toList();

        assertThat(ids(list(node, "", 0, 2))).isEqualTo(ids.subList(0, 2));
        assertThat(ids(list(node, "", 2, 2))).isEqualTo(ids.subList(2, 3));
        assertThat(list(node, "", 0, 0)).isEqualTo(new ConnectionList(3, List.of()));
        assertThat(list(node, "u", 0, 9).total()).isZero();
        ConnectionList mine = list(node, "u1", 0, 1);
        assertThat(mine.total()).isEqualTo(2);
        assertThat(mine.rows().getFirst()).satisfies(row -> {
            assertThat(row.uid()).isEqualTo("u1");
            assertThat(row.ip()).isEqualTo("127.0.0.1");
            assertThat(row.port()).isPositive();
            assertThat(row.openMs()).isBetween(0L, 20_000L);
            assertThat(row.idleMs()).isBetween(0L, 20_000L);
        });

        first.socket.close();
        await().until(() -> list(node, "", 0, 0).total() == 2);
    }

    private static ConnectionList list(SocketNode node, String uid, int offset, int limit) {
        return Sql.await(node.bus.request(Addresses.SOCKETS_LIST, new ListConnections(uid, offset, limit)));
    }

    private static List<Long> ids(ConnectionList list) {
        return list.rows().stream().map(ConnectionRow::id).toList();
    }
}
