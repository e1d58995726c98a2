package dev.herald.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.herald.boot.Server;
import dev.herald.config.ConfigLoader;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A whole node without one of its stores: it says which, and with PostgreSQL alone it takes commands all the same. */
@Timeout(120)
class StoreOutageIT {
    private static final Duration BACK = Duration.ofSeconds(20);

    @TempDir
    private Path folder;

    private final HttpClient http = HttpClient.newHttpClient();

    @Test
    void readiness_names_the_store_that_is_away_and_what_was_answered_meanwhile_arrives() {
        try (TestRedis redis = new TestRedis().start("--save", "");
                OwnPostgres postgres = new OwnPostgres(folder.resolve("postgres"))) {
            Server server = Server.start(ConfigLoader.settings(Map.of(
                    "http.port", "0",
                    "ws.port", "0",
                    "tcp.port", "0",
                    "management.port", "0",
                    "postgres.url", postgres.url(),
                    "redis.url", redis.url())));
            try {
                assertThat(api(
                                server,
                                "/channel",
                                "{\"channel_id\":\"g1\",\"channel_type\":2,\"subscribers\":[\"ann\"]}"))
                        .isEqualTo(200);
                await().until(() -> parts(server).equals("up up"));

                redis.freeze();
                await().atMost(Duration.ofSeconds(5)).until(() -> parts(server).equals("up down"));
                assertThat(api(server, "/channel/info", "{\"channel_id\":\"g1\",\"channel_type\":2,\"ban\":1}"))
                        .isEqualTo(200);
                assertThat(api(server, "/channel/subscriber_add", "{\"channel_id\":\"g1\",\"subscribers\":[\"ben\"]}"))
                        .isEqualTo(200);
                assertThat(
                                api(
                                        server,
                                        "/message/send",
                                        "{\"header\":{\"sync_once\":1},\"channel_id\":\"g1\",\"channel_type\":2,\"payload\":\"aGk=\"}"))
                        .isEqualTo(200);
                redis.thaw();
                await().atMost(BACK).until(() -> parts(server).equals("up up"));
                await().atMost(BACK).ignoreExceptions().until(() -> inbox(server)
                        .containsAll(List.of("hi", "channelUpdate 2", "memberUpdate 3")));

                postgres.stop();
                await().atMost(Duration.ofSeconds(5)).until(() -> parts(server).equals("down up"));
                postgres.start();
                await().atMost(BACK).until(() -> parts(server).equals("up up"));
            } finally {
                server.stop();
            }
        }
    }

    /** PostgreSQL's and Redis' state as the management port tells them, once the status says the same. */
    private String parts(Server server) {
        HttpResponse<String> answer = send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:%d/ready"
                        .formatted(server.config().management().port())))
                .build());
        JsonObject parts = new JsonObject(answer.body()).getJsonObject("parts");
        String both = parts.getString("postgres").substring(0, 2) + " "
                + parts.getString("redis").substring(0, 2);
        assertThat(answer.statusCode()).isEqualTo(both.equals("up up") ? 200 : 503);
        return both.replace("do", "down");
    }

    /** What waits for a member: texts, and commands with the channel's revision. */
    private List<String> inbox(Server server) {
        JsonArray entries = new JsonArray(
                post(server, "/message/sync", "{\"uid\":\"ann\",\"limit\":100}").body());
        return IntStream.range(0, entries.size())
                .mapToObj(i -> new String(entries.getJsonObject(i).getBinary("payload"), StandardCharsets.UTF_8))
                .map(text -> text.startsWith("{") ? brief(new JsonObject(text)) : text)
                .toList();
    }

    private static String brief(JsonObject command) {
        return command.getString("cmd") + " " + command.getJsonObject("param").getLong("revision");
    }

    private int api(Server server, String path, String body) {
        return post(server, path, body).statusCode();
    }

    private HttpResponse<String> post(Server server, String path, String body) {
        URI uri = URI.create(
                "http://127.0.0.1:%d%s".formatted(server.config().http().port(), path));
        return send(HttpRequest.newBuilder(uri)
                .header("content-type", "application/json")
                .POST(BodyPublishers.ofString(body))
                .build());
    }

    private HttpResponse<String> send(HttpRequest request) {
        try {
            return http.send(request, BodyHandlers.ofString());
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
