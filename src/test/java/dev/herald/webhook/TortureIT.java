package dev.herald.webhook;

import static dev.herald.webhook.WebhookWorld.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.herald.config.ConfigLoader;
import dev.herald.endpoint.Endpoint;
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
import dev.herald.eventlog.LoggedEvent;
import dev.herald.it.OwnPostgres;
import dev.herald.it.Receiver;
import dev.herald.postgres.PgClients;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fifty thousand events of five hundred users and as many channels, to a back end that does everything wrong and to one that does not, while the
 * dispatching node is killed and the database is restarted.
 */
@Timeout(420)
class TortureIT {
    private static final Logger log = LoggerFactory.getLogger(TortureIT.class);
    private static final long SEED = 20_261_122;
    private static final List<String> ANSWERS =
            List.of("200", "302", "404", "410", "429", "500", "503", "garbage", "hang", "reset", "slow body");
    private static final int KEYS = 1_000;
    private static final int ROUNDS = 50;
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final Vertx vertx = Vertx.vertx();
    private final Map<String, String> settings = Map.of(
            "webhook.key", Base64.getEncoder().encodeToString(new byte[32]),
            "webhook.allowed-networks", "127.0.0.0/8",
            "webhook.timeout", "PT0.4S");

    @TempDir
    private Path folder;

    @Test
    void nothing_is_lost_or_out_of_order() throws Exception {
        try (OwnPostgres postgres = new OwnPostgres(folder.resolve("pg"))) {
            PgClients pg = PgClients.open(vertx, postgres.url(), 4);
            TortureReceiver bad = new TortureReceiver(vertx, SEED, 80, Receiver.SECRET);
            TortureReceiver good = new TortureReceiver(vertx, SEED, 100, Receiver.SECRET);
            create(pg, "bad", bad.url());
            create(pg, "good", good.url());
            List<Process> nodes = new ArrayList<>(List.of(node(1, postgres), node(2, postgres)));
            long resumer =
                    vertx.setPeriodic(300, timer -> pg.statements().query("""
                                    update webhook_endpoint set state = 'active', revision = nextval('webhook_revision')
                                    where id = 'bad' and state = 'paused'""").execute());
            try {
                append(pg);
                awaitTaken(bad, KEYS * ROUNDS / 4);
                nodes.getFirst().destroyForcibly().waitFor();
                awaitTaken(bad, KEYS * ROUNDS / 2);
                postgres.stop();
                postgres.start();
                nodes.add(node(3, postgres));
                awaitTaken(good, KEYS * ROUNDS);
                awaitTaken(bad, KEYS * ROUNDS);
                Set<String> recorded = ids(pg);
                await().atMost(PATIENCE).until(() -> behind(pg) == 0);
                log.info(
                        "seed={} answers={} repeats={} calm answers={} repeats={}",
                        SEED,
                        bad.answers,
                        bad.repeats,
                        good.answers,
                        good.repeats);
                assertThat(good.repeats).as("more than one for each event").isLessThan(recorded.size());
                for (TortureReceiver receiver : List.of(bad, good)) {
                    assertThat(receiver.takenIds).isEqualTo(recorded);
                    assertThat(receiver.badSignatures).isEmpty();
                    assertThat(receiver.takenByKey).hasSize(KEYS);
                    List<Integer> rounds =
                            IntStream.rangeClosed(1, ROUNDS).boxed().toList();
                    assertThat(receiver.takenByKey.values()).allMatch(rounds::equals);
                }
                assertThat(bad.answers.keySet()).containsAll(ANSWERS);
                verifyWithNode(bad.samples);
            } finally {
                vertx.cancelTimer(resumer);
                for (Process node : nodes) {
                    node.destroyForcibly().waitFor();
                }
            }
        } finally {
            get(vertx.close());
        }
    }

    private Process node(long incarnation, OwnPostgres postgres) throws Exception {
        return DispatcherProcess.start(incarnation, postgres.url(), settings, folder.resolve("node.log"));
    }

    private void create(PgClients pg, String id, String url) throws Exception {
        Vault vault = Vault.open(ConfigLoader.load(settings));
        Settings wanted = new Settings(
                url, "", Format.STANDARD, List.of("user.*", "msg.notify"), 50, Duration.ofMillis(50), 16, 0);
        Security security = new Security(
                Scheme.V1,
                List.of(),
                List.of(),
                Secrets.of(new SigningSecret(Receiver.SECRET)).seal(vault, id),
                null);
        Endpoint created =
                get(new Endpoints(pg).create(id, wanted, security, (tx, made) -> Future.succeededFuture(made)));
        assertThat(created.settings().types()).containsExactly("user.onlinestatus", "msg.notify");
    }

    private static void append(PgClients pg) throws Exception {
        get(pg.transactions().query("""
                insert into message (channel, seq, from_uid, client_msg_no, flags, setting, expire, topic, payload)
                select channel, seq, 'u', 'no-' || seq, 0, 0, 0, '', '{"type":1}'
                from generate_series(0, %d) channel, generate_series(1, %d) seq""".formatted(KEYS, ROUNDS)).execute());
        for (int round = 1; round <= ROUNDS; round++) {
            int n = round;
            get(EventLog.append(
                    pg.transactions(),
                    IntStream.range(0, KEYS)
                            .mapToObj(i -> i % 2 == 0 ? ofUser("u" + i, n) : ofChannel(i, n))
                            .toList()));
        }
    }

    private static NewEvent ofUser(String uid, int n) {
        return new NewEvent(EventType.ONLINE_STATUS, NewEvent.userKey(uid), JsonObject.of("uid", uid, "n", n));
    }

    private static NewEvent ofChannel(int channel, int n) {
        return new NewEvent(
                EventType.MESSAGE_NOTIFY,
                NewEvent.channelKey(channel),
                JsonObject.of("channel", channel, "seq", n, "channel_id", "g" + channel, "channel_type", 2));
    }

    private static void awaitTaken(TortureReceiver receiver, int count) {
        await().atMost(PATIENCE).until(() -> receiver.taken >= count);
    }

    private static Set<String> ids(PgClients pg) throws Exception {
        Set<String> ids = new HashSet<>();
        for (Row row : get(pg.statements()
                .query("select id from event where type in ('user.onlinestatus', 'msg.notify')")
                .execute())) {
            ids.add(LoggedEvent.id(row.getLong("id")));
        }
        return ids;
    }

    private static long behind(PgClients pg) throws Exception {
        return get(pg.statements().query("""
                                select count(*) from webhook_lane l join webhook_endpoint w on w.id = l.endpoint
                                where w.id in ('bad', 'good') and exists (select from event e
                                    where e.lane = l.lane and (e.txid, e.id) > (l.read_txid, l.read_id))""").execute()).iterator().next().getLong(0);
    }

    /** The npm package standardwebhooks, in a process of Node. */
    private void verifyWithNode(List<JsonObject> samples) throws Exception {
        Path scripts = Path.of("src/test/js").toAbsolutePath();
        if (!Files.exists(scripts.resolve("node_modules/standardwebhooks"))) {
            run(scripts, "npm", "ci", "--no-audit", "--no-fund");
        }
        Path file = folder.resolve("requests.jsonl");
        Files.writeString(file, samples.stream().map(JsonObject::encode).collect(Collectors.joining("\n")));
        assertThat(run(scripts, "node", "verify-webhooks.js", file.toString())).contains("verified " + samples.size());
    }

    private String run(Path directory, String... command) throws Exception {
        Path output = folder.resolve("node.out");
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
        String text = Files.readString(output);
        assertThat(process.exitValue()).withFailMessage(text).isZero();
        return text;
    }
}
