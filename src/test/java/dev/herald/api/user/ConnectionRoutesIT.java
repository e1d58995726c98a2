package dev.herald.api.user;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.api.ApiServer;
import dev.herald.bus.Addresses;
import dev.herald.bus.message.PresenceMessage.KickSession;
import dev.herald.bus.message.PresenceMessage.SessionInfo;
import dev.herald.bus.message.SocketMessage.ConnectionList;
import dev.herald.bus.message.SocketMessage.ConnectionRow;
import dev.herald.bus.message.SocketMessage.ListConnections;
import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class ConnectionRoutesIT {
    @RegisterExtension
    static final ApiServer server = ApiServer.of(Map.of());

    @Test
    void kicks_the_one_connection_that_is_named_as_a_number_or_a_string() {
        JsonObject ok = JsonObject.of("status", 200);

        assertThat(server.post("/conn/kick", "{\"uid\":\"u1\",\"conn_id\":30064771073}")
                        .json())
                .isEqualTo(ok);
        assertThat(server.post("/conn/kick", "{\"uid\":\"u1\",\"conn_id\":\"30064771073\",\"node_id\":7}")
                        .json())
                .isEqualTo(ok);

        KickSession kick = new KickSession("u1", 30_064_771_073L, "server kick");
        assertThat(server.peers.heard()).containsExactly(kick, kick);
    }

    @Test
    void removes_the_one_connection_without_a_reason() {
        assertThat(server.post("/conn/remove", "{\"uid\":\"u1\",\"conn_id\":1}").status())
                .isEqualTo(200);
        assertThat(server.post("/conn/remove", "{\"uid\":\"u1\"}").problem()).isEqualTo("400 conn_id: is required");

        assertThat(server.peers.heard()).containsExactly(new KickSession("u1", 1, ""));
    }

    @Test
    void a_page_of_a_node_that_is_not_there_names_the_field() {
        server.peers.answer(
                Addresses.SOCKETS_LIST, Future.failedFuture(new HeraldException(Failure.NOT_FOUND, "node.9")));

        assertThat(server.get("/connz?node_id=9").problem()).isEqualTo("400 node_id: there is no such node");
    }

    @Test
    void a_kick_that_the_registry_cannot_carry_out_is_not_answered_with_success() {
        server.peers.answer(
                Addresses.SESSION_KICK, Future.failedFuture(new HeraldException(Failure.UNAVAILABLE, "no registry")));

        assertThat(server.post("/conn/kick", "{\"uid\":\"u1\",\"conn_id\":1}").problem())
                .isEqualTo("503 no registry");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{}                            | uid: is required; conn_id: is required",
                "{'uid':'a@b','conn_id':1}     | uid: must not contain '@', '#', '&' or control characters",
                "{'uid':'u1','conn_id':0}      | conn_id: must be an integer from 1 to 9223372036854775807",
                "{'uid':'u1','conn_id':'abc'}  | conn_id: must be an integer from 1 to 9223372036854775807",
            },
            quoteCharacter = '`')
    void refuses_a_kick_of_nothing(String body, String text) {
        assertThat(server.post("/conn/kick", body.replace('\'', '"')).problem()).isEqualTo("400 " + text);
        assertThat(server.peers.heard()).isEmpty();
    }

    @Test
    void shows_a_page_of_connections() {
        long id = SessionInfo.id(7, 3);
        server.peers.answer(
                Addresses.SOCKETS_LIST,
                new ConnectionList(
                        12, List.of(new ConnectionRow(id, "u1", 1, "d1", "192.0.2.1", 4321, 93_784_000, 61_000, 512))));

        JsonObject page = server.get("/connz?uid=u1&node_id=7&offset=2&limit=1").json();

        assertThat(server.peers.heard()).containsExactly(new ListConnections("u1", 2, 1));
        JsonObject row = page.getJsonArray("connections").getJsonObject(0);
        assertThat(Duration.between(row.getInstant("last_activity"), page.getInstant("now")))
                .isEqualTo(Duration.ofSeconds(61));
        assertThat(page.getInstant("now")).isBetween(Instant.now().minusSeconds(60), Instant.now());
        row.remove("last_activity");
        page.remove("now");
        assertThat(page)
                .isEqualTo(new JsonObject(("{'connections':[{'id':%d,'uid':'u1','ip':'192.0.2.1','port':4321,"
                                + "'uptime':'26h3m4s','idle':'1m1s','pending_bytes':512,'device':'web',"
                                + "'device_id':'d1','node_id':7}],'total':12,'offset':2,'limit':1}")
                        .formatted(id)
                        .replace('\'', '"')));
    }

    @Test
    void a_page_has_bounds() {
        for (String query : List.of("", "?sort=&offset=&limit=&node_id=", "?limit=0")) {
            assertThat(server.get("/connz" + query).json().getInteger("limit")).isEqualTo(20);
        }
        assertThat(server.get("/connz?limit=1001&offset=-1").problem())
                .contains("limit: must be an integer from 0 to 1000", "offset: must be an integer from 0 to 1000000");
    }
}
