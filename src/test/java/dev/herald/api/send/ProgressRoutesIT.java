package dev.herald.api.send;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.api.ApiServer;
import dev.herald.bus.Addresses;
import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class ProgressRoutesIT {
    private static final long ID = 9_007_199_254_740_993L;

    @RegisterExtension
    static final ApiServer server = ApiServer.of(Map.of());

    @BeforeEach
    void prepare() {
        server.sql.run("truncate device_cursor");
        server.sql.run("""
                insert into cmd (id, channel_id, channel_type, from_uid, client_msg_no, payload, uids, created_at)
                values (9007199254740993, 'direct', 8, 'back', 'no1', '{}', '{ann,ben,cat}', now() - interval '2 seconds')""");
    }

    @Test
    void tells_the_whole_of_a_command_that_is_done() {
        finish();
        JsonObject data = data("");
        assertThat(Instant.parse(data.getString("created_at"))).isBefore(data.getString("done_at"));
        assertThat(without(data, "created_at", "done_at")).isEqualTo(new JsonObject("""
                {"message_id":9007199254740993,"message_idstr":"9007199254740993","client_msg_no":"no1",
                "channel_id":"direct","channel_type":8,"done":1,"lag_ms":1500,"members":3,"written":3,
                "delivered":1,"acknowledged":0,"devices":[{"device_flag":0,"known":1,"acknowledged":1},
                {"device_flag":1,"known":2,"acknowledged":0}]}"""));
    }

    @Test
    void tells_of_one_that_is_pending() {
        server.sql.run("update cmd set reached = 'ann', written = 1");
        JsonObject data = data("");
        assertThat(data.getInteger("done")).isZero();
        assertThat(data.getValue("done_at")).isNull();
        assertThat(data.getInteger("members")).isEqualTo(3);
        assertThat(data.getInteger("written")).isEqualTo(1);
        assertThat(data.getLong("lag_ms")).isGreaterThanOrEqualTo(2_000);
        assertThat(data("?uid=ben").getInteger("written")).isZero();
    }

    @Test
    void tells_of_the_devices_of_one_user() {
        finish();
        JsonObject data = data("?uid=ann");
        assertThat(data.getString("uid")).isEqualTo("ann");
        assertThat(data.getInteger("addressed")).isEqualTo(1);
        assertThat(data.getInteger("written")).isEqualTo(1);
        assertThat(data.getJsonArray("devices")).isEqualTo(new JsonArray("""
                [{"device_flag":0,"cursor":7,"tail":8,"acknowledged":1},
                {"device_flag":1,"cursor":6,"tail":8,"acknowledged":0}]"""));
        assertThat(data("?uid=cat").getJsonArray("devices")).isEmpty();
        JsonObject other = data("?uid=dan");
        assertThat(other.getInteger("addressed")).isZero();
        assertThat(other.getInteger("written")).isZero();
    }

    @Test
    void answers_from_what_is_stored_if_the_cursors_cannot_be_refreshed() {
        finish();
        server.peers.answer(
                Addresses.INBOX_REFRESH, Future.failedFuture(new HeraldException(Failure.UNAVAILABLE, "no redis")));
        server.sql.run("update device_cursor set as_of = now() - interval '1 second'");
        assertThat(data("").getInteger("delivered")).isZero();
        assertThat(data("?uid=ann").getJsonArray("devices")).hasSize(2);
        assertThat(server.peers.heard()).hasSize(2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/cmd/1000                 | 404 id: there is no such command, or no longer",
                "/cmd/x                    | 400 id: must be a message_id, 1 to 18 digits",
                "/cmd/-1                   | 400 id: must be a message_id, 1 to 18 digits",
                "/cmd/9223372036854775808  | 400 id: must be a message_id, 1 to 18 digits",
            })
    void refuses_what_names_no_command(String path, String problem) {
        assertThat(server.get(path).problem()).isEqualTo(problem);
    }

    @Test
    void refuses_a_bad_uid() {
        assertThat(server.get("/cmd/" + ID + "?uid=a%40b").problem()).startsWith("400 uid: ");
    }

    private static void finish() {
        server.sql.run("""
                update cmd set done_at = created_at + interval '1.5 seconds', reached = 'cat', written = 3""");
        server.sql.run("""
                insert into device_cursor (uid, device_flag, seq, floor, tail, epoch, as_of) values
                    ('ann', 0, 7, 9007199254740993, 8, 0, now()), ('ann', 1, 6, 9007199254740992, 8, 0, now()),
                    ('ben', 1, 0, 0, 8, 0, now()), ('dan', 1, 9, 9223372036854775807, 9, 0, now())""");
    }

    private static JsonObject data(String query) {
        return server.get("/cmd/" + ID + query).data();
    }

    private static JsonObject without(JsonObject data, String... names) {
        JsonObject rest = data.copy();
        for (String name : names) {
            rest.remove(name);
        }
        return rest;
    }
}
