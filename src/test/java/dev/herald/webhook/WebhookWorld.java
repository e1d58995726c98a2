package dev.herald.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.message.Done;
import dev.herald.config.ConfigLoader;
import dev.herald.config.HeraldConfig;
import dev.herald.endpoint.Endpoint.Format;
import dev.herald.endpoint.Endpoint.Settings;
import dev.herald.endpoint.Endpoints;
import dev.herald.eventlog.EventLog;
import dev.herald.eventlog.EventLog.NewEvent;
import dev.herald.eventlog.EventType;
import dev.herald.it.Receiver;
import dev.herald.it.Sql;
import dev.herald.it.Stores;
import dev.herald.postgres.PgClients;
import dev.herald.webhook.post.Names;
import dev.herald.webhook.post.SystemNames;
import dev.herald.webhook.record.Retention;
import dev.herald.webhook.retry.RetrySchedule;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Stores, a bus and a receiver, and as many dispatching nodes as a test wants. Registered as an extension of a test it is
 * closed after it, and whatever came to the receiver must have been signed.
 */
public final class WebhookWorld implements AfterEachCallback {
    public final Vertx vertx = Vertx.vertx();
    public final String url = Stores.freshPostgres();
    public final PgClients pg = PgClients.open(vertx, url, 8);
    final Bus bus = new Bus(vertx);
    final Endpoints endpoints = new Endpoints(pg);
    final Receiver receiver;
    final Map<String, String> config = new HashMap<>();
    RetrySchedule schedule = steps(50, 100, 200);
    Duration sweep = Duration.ofMillis(100);
    Duration lease = Duration.ofSeconds(2);
    Duration patience = Duration.ofMinutes(5);
    Duration chores = Duration.ofSeconds(20);
    Optional<Retention.Ages> ages = Optional.empty();
    Function<Vertx, Names> names = SystemNames::new;

    private WebhookWorld() {
        receiver = new Receiver(vertx);
        config.put("webhook.secret", Receiver.SECRET);
        config.put("webhook.allowed-networks", "127.0.0.0/8");
        config.put("webhook.timeout", "PT2S");
        config.put("webhook.batch-delay", "PT0S");
        config.put("data.dir", temporaryFolder());
    }

    /** One whose receiver is the configured endpoint. */
    public static WebhookWorld configured() {
        WebhookWorld world = new WebhookWorld();
        world.config.put("webhook.url", world.receiver.url());
        Settings settings = new Settings(
                world.receiver.url(),
                "given by the configuration",
                Format.WUKONG,
                List.of(),
                100,
                Duration.ZERO,
                16,
                0);
        Sql.await(world.endpoints.configure(Optional.of(settings), now -> now));
        return world;
    }

    /** One whose endpoints the test makes. */
    static WebhookWorld withoutEndpoint() {
        return new WebhookWorld();
    }

    private static String temporaryFolder() {
        try {
            return Files.createTempDirectory("herald-webhook").toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static RetrySchedule steps(long... millis) {
        return new RetrySchedule(
                Arrays.stream(millis).mapToObj(Duration::ofMillis).toList(), Duration.ofHours(72));
    }

    static <T> T get(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(40, TimeUnit.SECONDS);
    }

    /** A node; the result undeploys it. */
    String node(long incarnation) throws Exception {
        return node(incarnation, pg);
    }

    String node(long incarnation, PgClients itsClients) throws Exception {
        HeraldConfig loaded = ConfigLoader.load(config);
        Tuning standard = Tuning.of(loaded);
        Tuning tuning = new Tuning(schedule, sweep, lease, patience, chores, ages.orElse(standard.ages()), names);
        return get(vertx.deployVerticle(new WebhookVerticle(loaded, bus, itsClients, incarnation, tuning)));
    }

    /** The n-th change of a user's status; its text in a body is {@link #text}. */
    static NewEvent online(String uid, int n) {
        return new NewEvent(
                EventType.ONLINE_STATUS,
                NewEvent.userKey(uid),
                new JsonObject()
                        .put("uid", uid)
                        .put("device_flag", 1)
                        .put("online", n % 2 == 1)
                        .put("session_id", Integer.toString(n))
                        .put("device_online_count", n % 2)
                        .put("total_online_count", 2));
    }

    static String text(String uid, int n) {
        return uid + "-1-" + n % 2 + "-" + n + "-" + n % 2 + "-2";
    }

    void append(NewEvent... events) throws Exception {
        append(pg.transactions(), events);
        nudge();
    }

    static void append(SqlClient client, NewEvent... events) throws Exception {
        get(EventLog.append(client, List.of(events)));
    }

    void nudge() {
        bus.tell(Addresses.EVENTS_PENDING, Done.DONE);
    }

    public RowSet<Row> query(String sql) throws Exception {
        return get(pg.transactions().query(sql).execute());
    }

    public long number(String sql) throws Exception {
        return query(sql).iterator().next().getLong(0);
    }

    /** Of the last request; empty if there was none. */
    String lastStatus() throws Exception {
        var rows = query("select status from webhook_attempt order by id desc limit 1")
                .iterator();
        return rows.hasNext() ? rows.next().getString(0) : "";
    }

    /** Every cursor stands behind its lane's last event, no attempt is counted, no lease is left. */
    void awaitAllDelivered() {
        awaitAllDelivered(Duration.ofSeconds(40));
    }

    void awaitAllDelivered(Duration patience) {
        await().atMost(patience).until(() -> number("""
                select count(*) from webhook_lane l join webhook_endpoint w on w.id = l.endpoint
                where w.state = 'active' and (l.attempts > 0 or l.batch_txid is not null or l.lease_owner is not null
                    or l.key <> ''
                    or exists (select from event e where e.lane = l.lane and (e.txid, e.id) > (l.read_txid, l.read_id)
                        and e.type = any (w.types)))""") == 0);
    }

    @Override
    public void afterEach(ExtensionContext context) throws Exception {
        get(vertx.close());
        assertThat(receiver.badSignatures()).isEmpty();
    }
}
