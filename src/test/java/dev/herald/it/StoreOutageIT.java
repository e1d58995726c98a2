package dev.herald.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A whole node without one of its stores: it says which, and with PostgreSQL alone it takes commands all the same. */
@Timeout(120)
class StoreOutageIT {

    @TempDir
    private Path folder;

    @Test
    void readiness_names_the_store_that_is_away_and_what_was_answered_meanwhile_arrives() {
        try (TestRedis redis = new TestRedis().start("--save", "");
                OwnPostgres postgres = new OwnPostgres(folder.resolve("postgres"))) {
            LocalNode node = LocalNode.start(Map.of("postgres.url", postgres.url(), "redis.url", redis.url()));
            try {
                assertThat(api(
                                node,
                                "/channel",
                                "{\"channel_id\":\"g1\",\"channel_type\":2,\"subscribers\":[\"ann\"]}"))
                        .isEqualTo(200);
                await().until(() -> parts(node).equals("up up"));

                redis.freeze();
                await().until(() -> parts(node).equals("up down"));
                assertThat(api(node, "/channel/info", "{\"channel_id\":\"g1\",\"channel_type\":2,\"ban\":1}"))
                        .isEqualTo(200);
                assertThat(api(node, "/channel/subscriber_add", "{\"channel_id\":\"g1\",\"subscribers\":[\"ben\"]}"))
                        .isEqualTo(200);
                assertThat(
                                api(
                                        node,
                                        "/message/send",
                                        "{\"header\":{\"sync_once\":1},\"channel_id\":\"g1\",\"channel_type\":2,\"payload\":\"aGk=\"}"))
                        .isEqualTo(200);
                redis.thaw();
                await().until(() -> parts(node).equals("up up"));
                await().ignoreExceptions()
                        .until(() -> inbox(node).containsAll(List.of("hi", "channelUpdate 2", "memberUpdate 3")));

                postgres.stop();
                await().until(() -> parts(node).equals("down up"));
                postgres.start();
                await().until(() -> parts(node).equals("up up"));
            } finally {
                node.close();
            }
        }
    }

    /** PostgreSQL's and Redis' state as the management port tells them, once the status says the same. */
    private static String parts(LocalNode node) {
        HttpResponse<String> answer = node.get(node.management() + "/ready");
        JsonObject parts = new JsonObject(answer.body()).getJsonObject("parts");
        String both = parts.getString("postgres").substring(0, 2) + " "
                + parts.getString("redis").substring(0, 2);
        assertThat(answer.statusCode()).isEqualTo(both.equals("up up") ? 200 : 503);
        return both.replace("do", "down");
    }

    /** What waits for a member: texts, and commands with the channel's revision. */
    private static List<String> inbox(LocalNode node) {
        JsonArray entries = new JsonArray(
                node.post("/message/sync", "{\"uid\":\"ann\",\"limit\":100}").body());
        return IntStream.range(0, entries.size())
                .mapToObj(i -> new String(entries.getJsonObject(i).getBinary("payload"), StandardCharsets.UTF_8))
                .map(text -> text.startsWith("{") ? brief(new JsonObject(text)) : text)
                .toList();
    }

    private static String brief(JsonObject command) {
        return command.getString("cmd") + " " + command.getJsonObject("param").getLong("revision");
    }

    private static int api(LocalNode node, String path, String body) {
        return node.post(path, body).statusCode();
    }
}
