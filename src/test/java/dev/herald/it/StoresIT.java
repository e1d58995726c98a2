package dev.herald.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.postgres.PgClients;
import dev.herald.redis.RedisGateway;
import io.vertx.core.Vertx;
import io.vertx.junit5.Timeout;
import io.vertx.junit5.VertxExtension;
import io.vertx.junit5.VertxTestContext;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
@Timeout(30_000)
class StoresIT {
    @Test
    void the_schema_migrates_and_takes_ids_from_one_sequence(Vertx vertx, VertxTestContext ctx) {
        PgClients pg = PgClients.open(vertx, Stores.freshPostgres(), 4);
        pg.statements()
                .query("select nextval('message_id')")
                .execute()
                .onComplete(ctx.succeeding(rows -> ctx.verify(() -> {
                    assertThat(rows.iterator().next().getLong(0)).isEqualTo(1);
                    ctx.completeNow();
                })));
    }

    @Test
    void redis_answers_on_a_pipelined_connection(Vertx vertx, VertxTestContext ctx) {
        RedisGateway.open(vertx, Stores.freshRedis())
                .compose(redis -> redis.send(Request.cmd(Command.PING)))
                .onComplete(ctx.succeeding(answer -> ctx.verify(() -> {
                    assertThat(answer).hasToString("PONG");
                    ctx.completeNow();
                })));
    }
}
