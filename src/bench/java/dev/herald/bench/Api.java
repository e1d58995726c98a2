package dev.herald.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.herald.bench.net.Calls;
import dev.herald.bench.net.Calls.Answer;
import dev.herald.bench.net.Loop;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** The HTTP API of the server under test. */
public final class Api {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int DEADLINE_SECONDS = 60;

    private final Loop loop;
    private final List<Calls> nodes;
    private final AtomicInteger next = new AtomicInteger();

    /** @param bases of the nodes, asked in turn */
    public Api(Loop loop, List<String> bases) {
        this.loop = loop;
        this.nodes = bases.stream().map(base -> new Calls(loop, base)).toList();
    }

    /** The answer's JSON; anything but 200 is a failure. Not for the driver's thread, which would wait for itself. */
    public JsonNode post(String path, Object body) {
        if (loop.isHere()) {
            throw new IllegalStateException(path + " is waited for on the driver's thread");
        }
        return postAsync(path, body).join();
    }

    /** The same; the answer comes on the driver's thread. */
    public CompletableFuture<JsonNode> postAsync(String path, Object body) {
        try {
            return nodes.get(Math.floorMod(next.getAndIncrement(), nodes.size()))
                    .post(path, JSON.writeValueAsBytes(body))
                    .orTimeout(DEADLINE_SECONDS, TimeUnit.SECONDS)
                    .thenApply(answer -> read(path, answer));
        } catch (JsonProcessingException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** Without the commands that Herald would tell its members of changes with: they would be measured, too. */
    public void group(String id, List<String> members) {
        post("/channel", Map.of("channel_id", id, "channel_type", 2, "commands", 0, "subscribers", members));
    }

    private static JsonNode read(String path, Answer answer) {
        try {
            if (answer.status() != 200) {
                throw new IllegalStateException(
                        path + " answered " + answer.status() + " " + new String(answer.body(), StandardCharsets.UTF_8));
            }
            return answer.body().length == 0 ? JSON.nullNode() : JSON.readTree(answer.body());
        } catch (IOException e) {
            throw new IllegalStateException(path + " answered no JSON", e);
        }
    }
}
