package dev.herald.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.herald.model.ChannelKey;
import dev.herald.postgres.PgClients;
import io.vertx.core.Vertx;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Promise M1 while everything fails: two nodes write the same channels, and one is killed, one stands still, PostgreSQL
 * and Redis go and come back. Clients send again, by the same number, what was not acknowledged.
 */
@Timeout(240)
class MessageCrashIT {
    private static final int USERS = 16;
    private static final int GROUP_SIZE = 4;
    private static final int SEND_MILLIS = 100;
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private final Vertx vertx = Vertx.vertx();
    private final AtomicInteger number = new AtomicInteger();

    @TempDir
    private Path folder;

    @Test
    void every_acknowledged_message_is_in_history_once_and_in_one_order() throws Exception {
        try (OwnPostgres postgres = new OwnPostgres(folder.resolve("postgres"));
                TestRedis redis = new TestRedis().start("--save", "")) {
            Map<String, String> stores = Map.of("HERALD_POSTGRES_URL", postgres.url(), "HERALD_REDIS_URL", redis.url());
            List<HeraldProcess> nodes = ThreeNodes.start(2, folder, stores);
            WebSocketClient sockets = vertx.createWebSocketClient();
            List<Roamer> users = IntStream.range(0, USERS)
                    .mapToObj(i -> new Roamer(
                            vertx, sockets, "u" + i, 1, () -> anyOf(nodes).ws()))
                    .toList();
            for (int group = 0; group < USERS / GROUP_SIZE; group++) {
                nodes.getFirst().post("/channel", channel(group));
            }
            await().atMost(PATIENCE).until(() -> users.stream().allMatch(Roamer::isConnected));
            long load = vertx.setPeriodic(SEND_MILLIS, tick -> users.forEach(this::send));
            progress(users);

            nodes.get(0).kill();
            progress(users);
            restart(nodes.get(0));
            progress(users);
            for (int i = 0; i < 5; i++) {
                Signal.STOP.to(nodes.get(1).handle());
                progressOf(users, 10);
                Signal.CONT.to(nodes.get(1).handle());
            }
            progress(users);
            postgres.stop();
            postgres.start();
            progress(users);
            redis.kill();
            redis.start("--save", "");
            progress(users);

            vertx.cancelTimer(load);
            await().atMost(PATIENCE).until(() -> acknowledged(users) == number.get());
            Sql sql = new Sql(PgClients.open(vertx, postgres.url(), 2).statements());
            assertThat(stored(sql)).isEqualTo(sent(users));
            assertThat(sql.rows("select c.channel_id from channel c left join message m on m.channel = c.pk"
                            + " group by c.pk having c.last_seq <> count(m.seq) or coalesce(max(m.seq), 0) <> c.last_seq"
                            + " or count(distinct (m.from_uid, m.client_msg_no)) <> count(m.seq)"))
                    .isEmpty();
            assertThat(users).allSatisfy(user -> assertThat(user.behind()).isEmpty());
            users.forEach(Roamer::close);
            nodes.forEach(HeraldProcess::close);
        } finally {
            Sql.await(vertx.close());
        }
    }

    /** To the group, or to the next one in it. */
    private void send(Roamer user) {
        int self = Integer.parseInt(user.uid().substring(1));
        int n = number.getAndIncrement();
        int group = self / GROUP_SIZE;
        int next = group * GROUP_SIZE + (self + 1) % GROUP_SIZE;
        ChannelKey channel = n % 3 == 0 ? new ChannelKey("u" + next, ChannelKey.PERSON) : ChannelKey.group("g" + group);
        user.send(channel, "n" + n);
    }

    /** A start has deadlines that a busy machine may not keep; who looks after nodes starts them again. */
    private static void restart(HeraldProcess node) {
        await().atMost(PATIENCE)
                .ignoreExceptionsInstanceOf(IllegalStateException.class)
                .until(() -> {
                    node.start();
                    return true;
                });
    }

    private static void progress(List<Roamer> users) {
        progressOf(users, 200);
    }

    private static void progressOf(List<Roamer> users, int messages) {
        int before = acknowledged(users);
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> acknowledged(users) >= before + messages);
    }

    private static int acknowledged(List<Roamer> users) {
        return users.stream().mapToInt(user -> user.sent().size()).sum();
    }

    /** The sequence that each was acknowledged with, by its number. */
    private static Map<String, String> sent(List<Roamer> users) {
        Map<String, String> sent = new TreeMap<>();
        users.forEach(user -> user.sent().forEach((no, seq) -> sent.put(no, seq.toString())));
        return sent;
    }

    private static Map<String, String> stored(Sql sql) {
        return sql.rows("select client_msg_no, seq from message").stream()
                .map(row -> row.split(" "))
                .collect(Collectors.toMap(row -> row[0], row -> row[1], (one, two) -> one + "," + two, TreeMap::new));
    }

    private static HeraldProcess anyOf(List<HeraldProcess> nodes) {
        return nodes.get(ThreadLocalRandom.current().nextInt(nodes.size()));
    }

    private static String channel(int group) {
        List<String> members = IntStream.range(0, GROUP_SIZE)
                .mapToObj(i -> "u" + (group * GROUP_SIZE + i))
                .toList();
        return new JsonObject()
                .put("channel_id", "g" + group)
                .put("channel_type", ChannelKey.GROUP)
                .put("subscribers", new JsonArray(members))
                .encode();
    }
}
