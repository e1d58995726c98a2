package dev.herald.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.herald.it.Device.Protocol;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a back end is told of a command that it sent, by the packaged Herald with devices on its sockets. */
@Timeout(120)
class CommandProgressIT {
    private static final Duration SOON = Duration.ofSeconds(40);
    private static final String SEND = """
            {"header":{"sync_once":1},"channel_id":"g1","channel_type":2,"client_msg_no":"no1",
             "payload":"eyJ0eXBlIjo5OSwiY21kIjoiaGVsbG8ifQ=="}""";

    @TempDir
    private Path folder;

    @Test
    void tells_whom_it_has_reached_and_who_has_acknowledged() {
        Map<String, String> settings =
                Map.of("HERALD_POSTGRES_URL", Stores.freshPostgresApart(), "HERALD_REDIS_URL", Stores.freshRedis());
        try (HeraldProcess herald = HeraldProcess.start(folder, settings)) {
            connectOnce(herald, Protocol.BINARY, 0);
            connectOnce(herald, Protocol.JSON_RPC, 1);
            herald.post("/channel", """
                    {"channel_id":"g1","channel_type":2,"commands":0,"subscribers":["ann","ben","cat"]}""");
            String id = new JsonObject(herald.post("/message/send", SEND).body())
                    .getJsonObject("data")
                    .getLong("message_id")
                    .toString();
            await().atMost(SOON).until(() -> progress(herald, id).getInteger("done") == 1);
            JsonObject fresh = progress(herald, id);
            assertThat(fresh.getString("message_idstr")).isEqualTo(id);
            assertThat(fresh.getString("client_msg_no")).isEqualTo("no1");
            assertThat(fresh.getInteger("members")).isEqualTo(3);
            assertThat(fresh.getInteger("written")).isEqualTo(3);
            assertThat(fresh.getJsonArray("devices")).isEqualTo(devices(0, 0));

            acknowledge(herald, 0);
            await().atMost(SOON)
                    .untilAsserted(() -> assertThat(progress(herald, id).getJsonArray("devices"))
                            .isEqualTo(devices(1, 0)));
            assertThat(progress(herald, id).getInteger("delivered")).isEqualTo(1);
            assertThat(progress(herald, id).getInteger("acknowledged")).isZero();

            acknowledge(herald, 1);
            await().atMost(SOON).until(() -> progress(herald, id).getInteger("acknowledged") == 1);
            assertThat(progress(herald, id + "?uid=ann").getJsonArray("devices"))
                    .isEqualTo(new JsonArray("""
                    [{"device_flag":0,"cursor":1,"tail":1,"acknowledged":1},
                    {"device_flag":1,"cursor":1,"tail":1,"acknowledged":1}]"""));
        }
    }

    /** The device is known from then on, and offline. */
    private static void connectOnce(HeraldProcess herald, Protocol protocol, int flag) {
        Device.connect(protocol, herald.ws(), "ann", flag).close();
    }

    private static void acknowledge(HeraldProcess herald, int flag) {
        herald.post("/message/sync", "{\"uid\":\"ann\",\"device_flag\":%d}".formatted(flag));
        herald.post("/message/syncack", "{\"uid\":\"ann\",\"last_message_seq\":1,\"device_flag\":%d}".formatted(flag));
    }

    private static JsonArray devices(int app, int web) {
        return new JsonArray("""
                [{"device_flag":0,"known":1,"acknowledged":%d},{"device_flag":1,"known":1,"acknowledged":%d}]""".formatted(app, web));
    }

    private static JsonObject progress(HeraldProcess herald, String idAndQuery) {
        return new JsonObject(herald.get(herald.http() + "/cmd/" + idAndQuery).body()).getJsonObject("data");
    }
}
