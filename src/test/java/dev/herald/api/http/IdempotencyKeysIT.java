package dev.herald.api.http;

import static dev.herald.it.Sql.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.api.http.IdempotencyKeys.Claim;
import dev.herald.it.Sql;
import dev.herald.it.Stores;
import dev.herald.postgres.PgClients;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.junit5.VertxExtension;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
@Timeout(60)
class IdempotencyKeysIT {
    private static final KeyedRequest REQUEST = new KeyedRequest("k1", Buffer.buffer("digest"));

    private IdempotencyKeys keys;
    private Sql sql;

    @BeforeEach
    void open(Vertx vertx) {
        PgClients pg = PgClients.open(vertx, Stores.freshPostgres(), 4);
        keys = new IdempotencyKeys(pg, Duration.ofHours(24));
        sql = new Sql(pg.statements());
    }

    @Test
    void a_run_that_lost_its_key_writes_no_answer() {
        Claim.Ours slow = (Claim.Ours) await(keys.claim(REQUEST));
        sql.run("update idempotency set taken_at = now() - interval '61 seconds'");
        Claim.Ours next = (Claim.Ours) await(keys.claim(REQUEST));

        assertThat(await(keys.answer(REQUEST, slow, Reply.businessStatus(19)))).isFalse();
        await(keys.free(REQUEST, slow));
        assertThat(await(keys.claim(REQUEST))).isEqualTo(new Claim.UnderWay());

        assertThat(await(keys.answer(REQUEST, next, Reply.ok()))).isTrue();
        assertThat(await(keys.claim(REQUEST))).isEqualTo(new Claim.Answered(Reply.ok()));
    }

    @Test
    void a_run_that_died_before_the_clock_was_set_back_keeps_its_key_no_longer() {
        await(keys.claim(REQUEST));
        sql.run("update idempotency set taken_at = now() + interval '59 seconds'");
        assertThat(await(keys.claim(REQUEST))).isEqualTo(new Claim.UnderWay());

        sql.run("update idempotency set taken_at = now() + interval '1 hour'");

        assertThat(await(keys.claim(REQUEST))).isInstanceOf(Claim.Ours.class);
    }

    @Test
    void an_answer_stands_though_its_run_did_not_hear_of_it() {
        Claim.Ours ours = (Claim.Ours) await(keys.claim(REQUEST));
        assertThat(await(keys.answer(REQUEST, ours, Reply.ok()))).isTrue();

        await(keys.free(REQUEST, ours));
        assertThat(await(keys.answer(REQUEST, ours, Reply.businessStatus(19)))).isFalse();

        assertThat(await(keys.claim(REQUEST))).isEqualTo(new Claim.Answered(Reply.ok()));
    }

    @Test
    void a_sweep_forgets_what_is_old_and_nothing_else() {
        await(keys.claim(REQUEST));
        sql.run("insert into idempotency (key, request, run, taken_at) "
                + "select 'old' || n, '', 0, now() - interval '25 hours' from generate_series(1, 2500) n");

        await(keys.sweep());

        assertThat(sql.rows("select key from idempotency")).containsExactly("k1");
    }
}
