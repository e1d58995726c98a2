package dev.herald.api;

import static dev.herald.it.Sql.await;

import dev.herald.api.http.Documented;
import dev.herald.bus.Address;
import dev.herald.bus.Bus;
import dev.herald.bus.message.BusMessage;
import dev.herald.config.ConfigLoader;
import dev.herald.config.HeraldConfig;
import dev.herald.it.Sql;
import dev.herald.it.Stores;
import dev.herald.messaging.MessageVerticle;
import dev.herald.postgres.PgClients;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Route;
import io.vertx.sqlclient.SqlConnection;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * An API on a free port with a database of its own and peers that record what they are asked. Registered as an extension
 * of a class it is there, empty, for each test, and is closed with the last: a class that is run once more has another.
 */
public final class ApiServer implements AutoCloseable, BeforeAllCallback, BeforeEachCallback, AfterAllCallback {
    static final int MAX_BODY = 100_000;

    public FakePeers peers;
    public Sql sql;
    public PgClients pg;

    private final HeraldConfig config;
    private final Supplier<String> database;
    private final boolean messaging;

    private Vertx vertx;
    private HttpClient http;
    private Bus bus;
    private ApiVerticle api;
    private String deployment;
    private String postgresUrl;

    private ApiServer(Map<String, String> overrides, Supplier<String> database, boolean messaging) {
        Map<String, String> keys = new HashMap<>(overrides);
        keys.put("http.port", "0");
        keys.putIfAbsent("http.max-body-bytes", Integer.toString(MAX_BODY));
        this.config = ConfigLoader.load(keys);
        this.database = database;
        this.messaging = messaging;
    }

    /** To be registered as an extension. */
    public static ApiServer of(Map<String, String> overrides) {
        return new ApiServer(overrides, Stores::freshPostgres, false);
    }

    /** One that really stores messages, to be registered as an extension. */
    public static ApiServer withMessaging() {
        return withMessaging(Stores::freshPostgres);
    }

    private static ApiServer withMessaging(Supplier<String> database) {
        return new ApiServer(Map.of("http.max-body-bytes", "4000000"), database, true);
    }

    /** For a single test, which closes it. */
    public static ApiServer start(Map<String, String> overrides) {
        return of(overrides).start();
    }

    public static ApiServer startWithMessaging() {
        return withMessaging().start();
    }

    public static ApiServer startWithMessaging(String postgresUrl) {
        return withMessaging(() -> postgresUrl).start();
    }

    /** Another node on the same database. */
    public ApiServer startBeside() {
        return startBeside(Map.of());
    }

    public ApiServer startBeside(Map<String, String> overrides) {
        return new ApiServer(overrides, () -> postgresUrl, false).start();
    }

    static ApiServer startWithoutDatabase() {
        return new ApiServer(Map.of(), () -> "postgresql://nobody@127.0.0.1:1/nothing", false).start();
    }

    private ApiServer start() {
        postgresUrl = database.get();
        vertx = Vertx.vertx();
        http = HttpClient.newHttpClient();
        pg = PgClients.open(vertx, postgresUrl, 8);
        bus = new Bus(vertx);
        peers = new FakePeers(bus, messaging);
        sql = new Sql(pg.statements());
        if (messaging) {
            await(vertx.deployVerticle(new MessageVerticle(config, bus, pg)));
        }
        api = new ApiVerticle(config, bus, pg);
        deployment = await(vertx.deployVerticle(api));
        return this;
    }

    /** Forgets what earlier tests wrote and asked. */
    public void reset() {
        sql.run("truncate channel, member, listed, cmd, device, idempotency, message, message_stream, message_event,"
                + " system_account, event, user_presence, watch_list, presence_drift, presence_priority");
        peers.reset();
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        start();
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        reset();
    }

    @Override
    public void afterAll(ExtensionContext context) {
        close();
    }

    public Answer post(String path, String body, String... headers) {
        return call("POST", path, body, headers);
    }

    public Answer get(String path) {
        return call("GET", path, "");
    }

    public Answer call(String method, String path, String body, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + api.port() + path))
                .method(method, BodyPublishers.ofString(body))
                .timeout(Duration.ofSeconds(30));
        if (headers.length > 0) {
            request.headers(headers);
        }
        try {
            Answer answer = new Answer(http.send(request.build(), BodyHandlers.ofString()));
            Documented.check(method, path, answer.status(), answer.body());
            return answer;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    public int port() {
        return api.port();
    }

    /** A database connection of the test's own, also for what is not committed yet. */
    public SqlConnection connect() {
        return await(pg.transactions().getConnection());
    }

    public <Q extends BusMessage> void publish(Address<Q, ?> address, Q message) {
        bus.publish(address, message);
    }

    List<Route> routes() {
        return api.routes();
    }

    public void stop() {
        await(vertx.undeploy(deployment));
    }

    @Override
    public void close() {
        await(vertx.close());
        http.close();
    }

    public record Answer(HttpResponse<String> response) {
        public int status() {
            return response.statusCode();
        }

        public String body() {
            return response.body();
        }

        public JsonObject json() {
            return new JsonObject(body());
        }

        /** Of a success. */
        public JsonObject data() {
            if (status() != 200) {
                throw new AssertionError(response + " " + body());
            }
            return json().getJsonObject("data");
        }

        public JsonArray array() {
            return new JsonArray(body());
        }

        public String header(String name) {
            return response.headers().firstValue(name).orElse("");
        }

        /** Status and text of an error, once it has the form that all errors have. */
        public String problem() {
            JsonObject json = json();
            if (!header("Content-Type").startsWith("application/json") || json.getInteger("status") != status()) {
                throw new AssertionError("not an error's form: " + response + " " + body());
            }
            return status() + " " + json.getString("msg");
        }
    }
}
