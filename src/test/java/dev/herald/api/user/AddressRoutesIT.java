package dev.herald.api.user;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.api.ApiServer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(60)
class AddressRoutesIT {
    @RegisterExtension
    static final ApiServer plain = ApiServer.of(Map.of());

    @RegisterExtension
    static final ApiServer published = ApiServer.of(Map.of(
            "bind", "0.0.0.0",
            "api.token", "secret",
            "client.auth", "token",
            "client.public-tcp", "im.example.com:5100",
            "client.public-wss", "wss://im.example.com/ws"));

    @Test
    void tells_where_the_node_listens_unless_it_is_told_otherwise() {
        for (String query : List.of("?uid=u1", "?uid=u1&intranet=")) {
            assertThat(plain.get("/route" + query).json())
                    .isEqualTo(addresses("127.0.0.1:5100", "ws://127.0.0.1:5200", ""));
        }
        assertThat(outside("/route").json()).isEqualTo(addresses("im.example.com:5100", "", "wss://im.example.com/ws"));
    }

    @Test
    void tells_neighbours_the_address_that_they_reached() {
        JsonObject own = addresses("127.0.0.1:5100", "", "");

        assertThat(plain.get("/route?intranet=1").json()).isEqualTo(own);
        assertThat(outside("/route?intranet=1").json()).isEqualTo(own);
    }

    @Test
    void tells_many_users_the_same_in_one_entry() {
        assertThat(plain.post("/route/batch", "[\"u1\",\"u2\",\"u1\"]").array())
                .isEqualTo(JsonArray.of(
                        addresses("127.0.0.1:5100", "ws://127.0.0.1:5200", "").put("uids", JsonArray.of("u1", "u2"))));
        assertThat(plain.post("/route/batch?intranet=1", "[]").array())
                .isEqualTo(JsonArray.of(addresses("127.0.0.1:5100", "", "").put("uids", new JsonArray())));
    }

    @Test
    void an_address_asked_for_in_a_wrong_way_is_refused_and_the_field_named() {
        String many = new JsonArray(Collections.nCopies(10_001, "u")).encode();

        assertThat(plain.get("/route?intranet=2").problem()).isEqualTo("400 intranet: must be an integer from 0 to 1");
        assertThat(plain.post("/route/batch", "{}").problem()).isEqualTo("400 body: must be a JSON array");
        assertThat(plain.post("/route/batch", many).problem())
                .isEqualTo("400 uids: must not hold more than 10000 uids");
    }

    private static ApiServer.Answer outside(String path) {
        return published.call("GET", path, "", "token", "secret");
    }

    private static JsonObject addresses(String tcp, String ws, String wss) {
        return JsonObject.of("tcp_addr", tcp, "ws_addr", ws, "wss_addr", wss);
    }
}
