package dev.herald.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.postgres.PgClients;
import io.vertx.core.Vertx;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A kill -9 of the packaged Herald between the commit of what a keyed request asks for and its answer. */
@Timeout(120)
@TestInstance(Lifecycle.PER_CLASS)
class IdempotencyCrashIT {
    private final Vertx vertx = Vertx.vertx();
    private final String postgres = Stores.freshPostgresApart();
    private final Sql sql = new Sql(PgClients.open(vertx, postgres, 4).statements());
    private final TestRedis redis = new TestRedis().start("--save", "");
    private HeraldProcess herald;

    @BeforeAll
    void start(@TempDir Path folder) {
        herald = HeraldProcess.start(folder, Map.of("HERALD_POSTGRES_URL", postgres, "HERALD_REDIS_URL", redis.url()));
        herald.post("/channel", "{\"channel_id\":\"g1\",\"channel_type\":2,\"subscribers\":[\"u1\"]}");
    }

    @AfterAll
    void close() {
        herald.kill();
        redis.close();
        Sql.await(vertx.close());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "/message/send      | {\"channel_id\":\"g1\",\"channel_type\":2,\"payload\":\"aGk=\"}",
                "/message/send      | {\"channel_id\":\"g1\",\"channel_type\":2,\"payload\":\"aGk=\",\"header\":{\"sync_once\":1}}",
                "/message/sendbatch | {\"from_uid\":\"u1\",\"subscribers\":[\"u2\",\"u3\"],\"payload\":\"aGk=\"}",
            })
    void what_was_committed_is_not_done_again_by_the_repeat(String path, String body) throws Exception {
        List<String> before = effects();
        HttpRequest request = HttpRequest.newBuilder(URI.create(herald.http() + path))
                .header("Idempotency-Key", "key-" + before.size())
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        holdAnswers();
        var lost = Reached.HTTP.sendAsync(request, BodyHandlers.ofString());
        Awaitility.await().until(() -> held() == 1);
        herald.kill();
        List<String> done = effects();
        letGo();

        herald.start();
        assertThat(Reached.send(request).statusCode()).isEqualTo(409);
        sql.run("update idempotency set taken_at = now() - interval '61 seconds' where status is null");
        HttpResponse<String> answer = Reached.send(request);

        assertThat(lost).isCompletedExceptionally();
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(done).isNotEqualTo(before);
        assertThat(effects()).isEqualTo(done);
    }

    /** Whoever wants to note an answer waits. */
    private void holdAnswers() {
        sql.run("create function hold() returns trigger language plpgsql as "
                + "$$ begin if new.status is not null then perform pg_sleep(60); end if; return new; end $$");
        sql.run("create trigger hold before update on idempotency for each row execute function hold()");
    }

    private int held() {
        return Integer.parseInt(sql.value(
                "select count(*) from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'"));
    }

    private void letGo() {
        sql.rows("select pg_terminate_backend(pid) from pg_stat_activity "
                + "where datname = current_database() and wait_event = 'PgSleep'");
        Awaitility.await().until(() -> held() == 0);
        sql.run("drop function hold cascade");
    }

    private List<String> effects() {
        return sql.rows("select 'message', id from message union all select 'cmd', id from cmd "
                + "union all select uid, since from member order by 1, 2");
    }
}
