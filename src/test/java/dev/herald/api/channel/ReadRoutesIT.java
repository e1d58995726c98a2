package dev.herald.api.channel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.api.ApiServer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class ReadRoutesIT {
    @RegisterExtension
    static final ApiServer server = ApiServer.of(Map.of("http.max-body-bytes", "1000000"));

    @Test
    void a_reader_is_told_only_of_channels_that_are_not_as_it_knows_them() {
        make("g1");
        make("g2");
        server.post("/channel/info", "{\"channel_id\":\"g2\",\"channel_type\":2,\"ban\":1,\"attributes\":{\"a\":1}}");

        JsonObject data =
                changes("[{\"id\":\"gone\",\"type\":2,\"revision\":3},{\"id\":\"g1\",\"type\":2,\"revision\":1},"
                        + "{\"id\":\"g2\",\"type\":2,\"revision\":1},{\"id\":\"g1\",\"type\":3,\"revision\":0}]");

        assertThat(data.getJsonArray("channels")).isEqualTo(new JsonArray().add(info("g2")));
        assertThat(data.getJsonArray("missing"))
                .isEqualTo(new JsonArray("[{\"id\":\"gone\",\"type\":2},{\"id\":\"g1\",\"type\":3}]"));
    }

    @Test
    void a_revision_that_is_ahead_or_not_given_is_another_one() {
        make("g1");
        make("g2");

        JsonObject data =
                changes("[{\"channel_id\":\"g2\",\"channel_type\":2,\"revision\":9},{\"id\":\"g1\",\"type\":2}]");

        assertThat(data.getJsonArray("channels"))
                .isEqualTo(new JsonArray().add(info("g2")).add(info("g1")));
        assertThat(data.getJsonArray("missing")).isEmpty();
    }

    @Test
    void asks_for_ten_thousand_channels_at_once_and_no_more() {
        server.sql.run("""
                insert into channel (channel_id, channel_type, revision)
                select 'g' || n, 2, 1 + (n % 100 = 7)::int from generate_series(1, 9999) n""");
        JsonArray known = new JsonArray();
        IntStream.range(0, 10_000).forEach(n -> known.add(JsonObject.of("id", "g" + n, "type", 2, "revision", 1)));

        JsonObject data = changes(known.encode());

        assertThat(data.getJsonArray("channels")).hasSize(100).first().isEqualTo(info("g7"));
        assertThat(data.getJsonArray("missing")).isEqualTo(new JsonArray("[{\"id\":\"g0\",\"type\":2}]"));
        assertThat(data.getInteger("more")).isZero();
        known.add(JsonObject.of("id", "more", "type", 2));
        assertThat(server.post("/channel/changes", "{\"channels\":" + known.encode() + "}")
                        .problem())
                .isEqualTo("400 channels: must not hold more than 10000 items");
    }

    @Test
    void what_is_too_much_for_one_answer_is_told_by_the_next() {
        server.sql.run("""
                insert into channel (channel_id, channel_type, revision, attributes)
                select 'g' || n, 2, 1, jsonb_build_object('a', repeat('x', 60000)) from generate_series(1, 300) n""");
        JsonArray known = new JsonArray();
        IntStream.rangeClosed(1, 300).forEach(n -> known.add(JsonObject.of("id", "g" + n, "type", 2)));

        JsonObject first = changes(known.encode());
        int told = first.getJsonArray("channels").size();
        IntStream.range(0, told).forEach(n -> known.getJsonObject(n).put("revision", 1));
        JsonObject second = changes(known.encode());

        assertThat(first.getInteger("more")).isOne();
        assertThat(told).isBetween(270, 290);
        assertThat(second.getJsonArray("channels")).hasSize(300 - told).last().isEqualTo(info("g300"));
        assertThat(second.getInteger("more")).isZero();
    }

    @Test
    void nothing_known_is_nothing_missed() {
        assertThat(changes("[]")).isEqualTo(new JsonObject("{\"channels\":[],\"missing\":[],\"more\":0}"));
    }

    @Test
    void members_are_read_in_pages_behind_the_last_uid() {
        server.post("/channel", "{\"channel_id\":\"g1\",\"channel_type\":2,\"subscribers\":[\"b\",\"a\",\"B\",\"c\"]}");
        server.post("/channel/subscriber_remove", "{\"channel_id\":\"g1\",\"channel_type\":2,\"subscribers\":[\"a\"]}");

        assertThat(subscribers("&limit=2")).isEqualTo(new JsonObject("{\"subscribers\":[\"B\",\"b\"],\"more\":1}"));
        assertThat(subscribers("&limit=2&after=b")).isEqualTo(new JsonObject("{\"subscribers\":[\"c\"],\"more\":0}"));
        assertThat(subscribers("&limit=3"))
                .isEqualTo(new JsonObject("{\"subscribers\":[\"B\",\"b\",\"c\"],\"more\":0}"));
    }

    @Test
    void a_page_of_members_has_a_thousand_unless_told() {
        make("g1");
        server.sql.run("insert into member select pk, 'u' || n, 1 from channel, generate_series(1, 10001) n");

        assertThat(subscribers("").getJsonArray("subscribers")).hasSize(1_000);
        assertThat(subscribers("&limit=10000").getJsonArray("subscribers")).hasSize(10_000);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "channel_id=g9&channel_type=2 | 404 channel_id: no such channel",
                "channel_type=2               | 400 channel_id: is required",
                "channel_id=u1&channel_type=1 | 400 channel_type: must not be 1 (person)",
                "channel_id=g9&channel_type=2&limit=10001 | 400 limit: must be an integer from 1 to 10000",
                "channel_id=g9&channel_type=2&limit=0     | 400 limit: must be an integer from 1 to 10000",
            })
    void refuses_to_show_members_of_what_has_none(String query, String problem) {
        assertThat(server.get("/channel/subscribers?" + query).problem()).isEqualTo(problem);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{} | channels: must be an array of objects",
                "{\"channels\":[7]} | channels[0]: must be an object",
                "{\"channels\":[{\"id\":\"g1\",\"type\":2},{}]} | channels[1].type: is required; channels[1].id: is required",
                "{\"channels\":[{\"id\":\"g1\",\"type\":2,\"revision\":-1}]} | channels[0].revision: must be an integer from 0 to 9223372036854775807",
            })
    void refuses_bad_requests_and_names_the_field(String body, String text) {
        assertThat(server.post("/channel/changes", body).problem()).isEqualTo("400 " + text);
    }

    private static void make(String id) {
        server.post("/channel", "{\"channel_id\":\"" + id + "\",\"channel_type\":2}");
    }

    private static JsonObject changes(String known) {
        return server.post("/channel/changes", "{\"channels\":" + known + "}").data();
    }

    private static JsonObject info(String id) {
        return server.get("/channel/info?channel_id=" + id + "&channel_type=2").json();
    }

    private static JsonObject subscribers(String page) {
        return server.get("/channel/subscribers?channel_id=g1&channel_type=2" + page)
                .data();
    }
}
