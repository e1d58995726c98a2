package dev.herald.webhook;

import com.standardwebhooks.Webhook;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;

/**
 * A back end at its worst, by a seed: every kind of answer, connections that are cut, and some that speak no HTTP. It
 * remembers what it took and checks every signature. All on one event loop; read it when nothing is under way.
 */
final class TortureReceiver {
    /** Percent of the requests that are just taken. */
    private final int calm;

    private final Vertx vertx;
    private final Random random;
    private final String secret;
    private final HttpServer http;
    private final NetServer front;

    /** Numbers of the events of a user or channel in the order in which they were first taken. */
    final Map<String, List<Integer>> takenByKey = new HashMap<>();

    final Set<String> takenIds = new HashSet<>();
    final Map<String, Integer> answers = new TreeMap<>();
    final List<String> badSignatures = new ArrayList<>();

    /** Requests as another program can verify them: secret, headers, body. */
    final List<JsonObject> samples = new ArrayList<>();

    volatile int taken;
    volatile long repeats;

    TortureReceiver(Vertx vertx, long seed, int calm, String secret) throws Exception {
        this.vertx = vertx;
        this.random = new Random(seed);
        this.calm = calm;
        this.secret = secret;
        this.http = WebhookWorld.get(
                vertx.createHttpServer().requestHandler(this::receive).listen(0, "127.0.0.1"));
        this.front = WebhookWorld.get(
                vertx.createNetServer().connectHandler(this::accept).listen(0, "127.0.0.1"));
    }

    String url() {
        return "http://127.0.0.1:" + front.actualPort() + "/torture";
    }

    /** One connection in fifty, of a receiver that is not calm, speaks nonsense. */
    private void accept(NetSocket caller) {
        if (calm < 100 && random.nextInt(50) == 0) {
            byte[] garbage = new byte[200];
            random.nextBytes(garbage);
            caller.handler(request -> {
                count("garbage");
                caller.write(Buffer.buffer(garbage)).onComplete(done -> caller.close());
            });
            return;
        }
        caller.pause();
        vertx.createNetClient().connect(http.actualPort(), "127.0.0.1").onSuccess(server -> {
            caller.handler(server::write);
            server.handler(caller::write);
            caller.closeHandler(v -> server.close());
            server.closeHandler(v -> caller.close());
            caller.exceptionHandler(cause -> server.close());
            server.exceptionHandler(cause -> caller.close());
            caller.resume();
        });
    }

    private void receive(HttpServerRequest request) {
        request.body().onSuccess(body -> {
            verify(request.headers(), body);
            int dice = random.nextInt(1_000);
            int bad = 10 * (100 - calm);
            answer(request, body, dice < bad ? 20 * dice / bad : 20);
        });
    }

    private void answer(HttpServerRequest request, Buffer body, int kind) {
        HttpServerResponse response = request.response();
        switch (kind) {
            case 0, 1, 2, 3 -> fail("500", response.setStatusCode(500));
            case 4 -> fail("429", response.setStatusCode(429).putHeader("Retry-After", "1"));
            case 5, 6 -> fail("503", response.setStatusCode(503));
            case 7, 8, 9, 10 -> {
                count("reset");
                request.connection().close();
            }
            case 11, 12 -> count("hang");
            case 13, 14, 15 -> {
                take("slow body", body);
                response.setChunked(true).write("this goes on for ever");
            }
            case 16 -> {
                if (!answers.containsKey("410") || random.nextInt(10) == 0) {
                    fail("410", response.setStatusCode(410));
                } else {
                    fail("404", response.setStatusCode(404));
                }
            }
            case 17, 18, 19 -> fail("302", response.setStatusCode(302).putHeader("Location", url() + "/elsewhere"));
            default -> {
                take("200", body);
                response.end();
            }
        }
        if (request.path().endsWith("/elsewhere")) {
            badSignatures.add("a redirect was followed");
        }
    }

    private void fail(String name, HttpServerResponse response) {
        count(name);
        response.end("no " + name);
    }

    private void take(String name, Buffer body) {
        count(name);
        JsonObject json = body.toJsonObject();
        for (Object each : json.getJsonObject("data").getJsonArray("events")) {
            JsonObject event = (JsonObject) each;
            if (takenIds.add(event.getString("id"))) {
                JsonObject data = event.getJsonObject("data");
                boolean isMessage = event.getString("type").equals("msg.notify");
                takenByKey
                        .computeIfAbsent(data.getString(isMessage ? "channel_id" : "uid"), key -> new ArrayList<>())
                        .add(data.getInteger(isMessage ? "message_seq" : "n"));
            } else {
                repeats++;
            }
        }
        taken = takenIds.size();
    }

    private void count(String name) {
        answers.merge(name, 1, Integer::sum);
    }

    private void verify(MultiMap headers, Buffer body) {
        Map<String, List<String>> all = new HashMap<>();
        JsonObject sample = new JsonObject();
        for (String name : List.of("webhook-id", "webhook-timestamp", "webhook-signature")) {
            all.put(name, headers.getAll(name));
            sample.put(name, headers.get(name));
        }
        try {
            new Webhook(secret).verify(body.toString(), all);
        } catch (Exception e) {
            badSignatures.add(headers.get("webhook-id") + ": " + e);
        }
        if (samples.size() < 200) {
            samples.add(JsonObject.of("secret", secret, "headers", sample, "body", body.toString()));
        }
    }
}
