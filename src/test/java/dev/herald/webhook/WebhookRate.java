package dev.herald.webhook;

import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.message.Done;
import dev.herald.config.ConfigLoader;
import dev.herald.endpoint.Endpoint.Format;
import dev.herald.endpoint.Endpoint.Scheme;
import dev.herald.endpoint.Endpoint.Security;
import dev.herald.endpoint.Endpoint.Settings;
import dev.herald.endpoint.Endpoints;
import dev.herald.endpoint.Secrets;
import dev.herald.endpoint.SigningSecret;
import dev.herald.endpoint.Vault;
import dev.herald.eventlog.EventLog;
import dev.herald.eventlog.EventLog.NewEvent;
import dev.herald.eventlog.EventType;
import dev.herald.postgres.Migrations;
import dev.herald.postgres.PgClients;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;

/**
 * Measures deliveries: one process with the dispatcher and the receiver, and a PostgreSQL that syncs its log. For
 * {@code docs/decisions/030}; run it by hand: {@code java … WebhookRate SECONDS}, with ROUNDS behind that for the two figures
 * that are promised.
 */
public final class WebhookRate {
    private static final int USERS = 1_000;
    private static final int TICK_MILLIS = 20;

    private final Vertx vertx = Vertx.vertx();
    private final Bus bus = new Bus(vertx);
    private final int seconds;
    private final PgClients pg;
    private final Map<String, String> config = Map.of(
            "webhook.key",
            Base64.getEncoder().encodeToString(new byte[32]),
            "webhook.timeout",
            "PT2S",
            "webhook.allowed-networks",
            "127.0.0.0/8");

    private WebhookRate(String url, int seconds) {
        this.seconds = seconds;
        this.pg = PgClients.open(vertx, url, 8);
    }

    public static void main(String[] args) throws Exception {
        try (EmbeddedPostgres postgres = EmbeddedPostgres.builder()
                .setServerConfig("fsync", "on")
                .setServerConfig("synchronous_commit", "on")
                .start()) {
            String url = "postgresql://postgres@127.0.0.1:%d/postgres".formatted(postgres.getPort());
            Migrations.run(url);
            new WebhookRate(url, Integer.parseInt(args[0])).run(args.length > 1 ? Integer.parseInt(args[1]) : 1);
        }
        Runtime.getRuntime().halt(0);
    }

    private void run(int rounds) throws Exception {
        WebhookWorld.get(vertx.deployVerticle(
                new WebhookVerticle(ConfigLoader.load(config), bus, pg, 1), new DeploymentOptions()));
        measure("warm up", Format.WUKONG, 100, 250, 2_000, 5);
        for (int i = 0; i < rounds; i++) {
            measure("batches of 100", Format.WUKONG, 100, 250, 6_000, seconds);
            measure("unbatched", Format.STANDARD, 1, 0, 600, seconds);
        }
        if (rounds > 1) {
            return;
        }
        measure("batches of 100, standard", Format.STANDARD, 100, 250, 5_000, seconds);
        measure("batches of 100, more", Format.WUKONG, 100, 250, 10_000, seconds);
        measure("unbatched, more", Format.STANDARD, 1, 0, 1_000, seconds);
        measure("quiet, batched as by default", Format.WUKONG, 100, 200, 50, seconds);
        String hanging = endpoint("hanging", url(serve(null)), Format.WUKONG, 100, 200);
        measure("the same beside one that hangs", Format.WUKONG, 100, 200, 50, seconds);
        measure("batches of 100 beside one that hangs", Format.WUKONG, 100, 250, 5_000, seconds);
        WebhookWorld.get(new Endpoints(pg).delete(hanging, tx -> Future.succeededFuture(true)));
    }

    private void measure(String name, Format format, int batch, int delayMillis, int perSecond, int forSeconds)
            throws Exception {
        Taken taken = new Taken();
        HttpServer server = serve(taken);
        String id = endpoint("m" + System.nanoTime(), url(server), format, batch, delayMillis);
        vertx.timer(1_500).toCompletionStage().toCompletableFuture().get();
        long cpu = cpu();
        long begun = System.nanoTime();
        long total = (long) perSecond * forSeconds;
        produce(perSecond, forSeconds);
        while (taken.events.get() < total
                && System.nanoTime() - begun
                        < Duration.ofSeconds(forSeconds + 30L).toNanos()) {
            vertx.timer(10).toCompletionStage().toCompletableFuture().get();
        }
        double took = (System.nanoTime() - begun) / 1e9;
        System.out.printf(
                "%-38s %6d/s offered, %6.0f/s delivered, %5d requests, %5.1f events each, p50 %4d p99 %4d max %4d ms, CPU %3.0f %%, lost %d%n",
                name,
                perSecond,
                taken.events.get() / took,
                taken.requests.get(),
                taken.events.get() / (double) Math.max(1, taken.requests.get()),
                taken.latency.getValueAtPercentile(50),
                taken.latency.getValueAtPercentile(99),
                taken.latency.getMaxValue(),
                (cpu() - cpu) / 1e7 / took,
                total - taken.events.get());
        WebhookWorld.get(new Endpoints(pg).delete(id, tx -> Future.succeededFuture(true)));
        bus.tell(Addresses.WEBHOOKS_CHANGED, Done.DONE);
        WebhookWorld.get(server.close());
    }

    /** Of this process, dispatcher, receiver and producer together. */
    private static long cpu() {
        return ProcessHandle.current()
                .info()
                .totalCpuDuration()
                .orElse(Duration.ZERO)
                .toNanos();
    }

    private void produce(int perSecond, int forSeconds) throws Exception {
        long begun = System.nanoTime();
        int sent = 0;
        int user = 0;
        while (sent < perSecond * forSeconds) {
            long due = (System.nanoTime() - begun) / 1_000_000 * perSecond / 1_000;
            int count = (int) Math.min(due - sent, (long) perSecond * forSeconds - sent);
            if (count > 0) {
                int first = user;
                WebhookWorld.get(EventLog.append(
                        pg.transactions(),
                        IntStream.range(0, count)
                                .mapToObj(i -> event((first + i) % USERS))
                                .toList()));
                bus.tell(Addresses.EVENTS_PENDING, Done.DONE);
                sent += count;
                user += count;
            }
            vertx.timer(TICK_MILLIS).toCompletionStage().toCompletableFuture().get();
        }
    }

    private static NewEvent event(int user) {
        String uid = "u" + user;
        return new NewEvent(
                EventType.ONLINE_STATUS,
                NewEvent.userKey(uid),
                new JsonObject()
                        .put("uid", uid)
                        .put("device_flag", 1)
                        .put("online", true)
                        .put("session_id", System.currentTimeMillis())
                        .put("device_online_count", 1)
                        .put("total_online_count", 1)
                        .put("version", System.currentTimeMillis())
                        .put("reason", "connect")
                        .put("devices", JsonObject.of("1", 1)));
    }

    private static final class Taken {
        private final AtomicLong events = new AtomicLong();
        private final AtomicLong requests = new AtomicLong();
        private final Histogram latency = new Histogram(3);

        /** The session id of an event is when it was made. */
        void take(Buffer body) {
            long now = System.currentTimeMillis();
            List<Long> made = new ArrayList<>();
            if (body.getByte(0) == '[') {
                new JsonArray(body)
                        .forEach(text -> made.add(Long.parseLong(text.toString().split("-")[3])));
            } else {
                JsonObject json = body.toJsonObject();
                if (json.getString("type").equals("batch")) {
                    json.getJsonObject("data")
                            .getJsonArray("events")
                            .forEach(event -> made.add(
                                    ((JsonObject) event).getJsonObject("data").getLong("session_id")));
                } else {
                    made.add(json.getJsonObject("data").getLong("session_id"));
                }
            }
            made.forEach(at -> latency.recordValue(Math.max(0, now - at)));
            events.addAndGet(made.size());
            requests.incrementAndGet();
        }
    }

    /** @param taken null for a receiver that never answers */
    private HttpServer serve(Taken taken) throws Exception {
        return WebhookWorld.get(vertx.createHttpServer()
                .requestHandler(request -> request.body().onSuccess(body -> {
                    if (taken != null) {
                        taken.take(body);
                        request.response().end();
                    }
                }))
                .listen(0, "127.0.0.1"));
    }

    private static String url(HttpServer server) {
        return "http://127.0.0.1:" + server.actualPort() + "/";
    }

    private String endpoint(String id, String url, Format format, int batch, int delayMillis) throws Exception {
        Security security = new Security(
                Scheme.V1,
                List.of(),
                List.of(),
                Secrets.of(SigningSecret.generate(Scheme.V1)).seal(Vault.open(ConfigLoader.load(config)), id),
                null);
        Settings settings =
                new Settings(url, "", format, List.of("user.*"), batch, Duration.ofMillis(delayMillis), 16, 0);
        WebhookWorld.get(new Endpoints(pg).create(id, settings, security, (tx, made) -> Future.succeededFuture(made)));
        bus.tell(Addresses.WEBHOOKS_CHANGED, Done.DONE);
        return id;
    }
}
