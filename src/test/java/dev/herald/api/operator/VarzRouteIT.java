package dev.herald.api.operator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.api.ApiServer;
import dev.herald.bus.Addresses;
import dev.herald.bus.message.SocketMessage.ConnectionList;
import dev.herald.bus.message.SocketMessage.ListConnections;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(60)
class VarzRouteIT {
    @RegisterExtension
    static final ApiServer server = ApiServer.of(Map.of());

    @Test
    void tells_how_the_node_does() {
        server.peers.answer(Addresses.SOCKETS_LIST, new ConnectionList(12, List.of()));

        JsonObject figures = server.get("/varz").json();

        assertThat(figures.getInteger("connections")).isEqualTo(12);
        assertThat(figures.getString("tcp_addr")).isEqualTo("127.0.0.1:5100");
        assertThat(figures.getString("uptime")).matches("(\\d+h)?(\\d+m)?\\d+s");
        assertThat(figures.getInteger("goroutine")).isPositive();
        assertThat(figures.getLong("mem")).isPositive();
        assertThat(figures.getInteger("manager_token_on")).isZero();
        assertThat(server.peers.heard()).containsExactly(ListConnections.TOTAL);
        assertThat(server.get("/varz/setting").json())
                .isEqualTo(new JsonObject(
                        "{\"logger\":{\"trace_on\":0,\"loki_on\":0},\"prometheus_on\":1,\"stress_on\":0}"));
        assertThat(server.get("/varz?node_id=99").problem()).startsWith("400 node_id: must be that of this node");
    }
}
