package dev.herald.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** The HTTP API of the server under test. */
public final class Api {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration DEADLINE = Duration.ofSeconds(60);

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final List<String> bases;
    private int next;

    /** @param bases of the nodes, asked in turn */
    public Api(List<String> bases) {
        this.bases = bases;
    }

    /** The answer's JSON; anything but 200 is a failure. */
    public JsonNode post(String path, Object body) {
        return postAsync(path, body).join();
    }

    public CompletableFuture<JsonNode> postAsync(String path, Object body) {
        try {
            String base = bases.get(Math.floorMod(next++, bases.size()));
            HttpRequest request = HttpRequest.newBuilder(URI.create(base + path))
                    .timeout(DEADLINE)
                    .header("content-type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body)))
                    .build();
            return http.sendAsync(request, BodyHandlers.ofByteArray()).thenApply(answer -> read(path, answer));
        } catch (IOException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** Without the commands that Herald would tell its members of changes with: they would be measured, too. */
    public void group(String id, List<String> members) {
        post("/channel", Map.of("channel_id", id, "channel_type", 2, "commands", 0, "subscribers", members));
    }

    private static JsonNode read(String path, HttpResponse<byte[]> answer) {
        try {
            if (answer.statusCode() != 200) {
                throw new IllegalStateException(
                        path + " answered " + answer.statusCode() + " " + new String(answer.body(), StandardCharsets.UTF_8));
            }
            return answer.body().length == 0 ? JSON.nullNode() : JSON.readTree(answer.body());
        } catch (IOException e) {
            throw new IllegalStateException(path + " answered no JSON", e);
        }
    }
}
