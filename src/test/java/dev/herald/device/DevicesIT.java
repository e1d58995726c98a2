package dev.herald.device;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.it.Stores;
import dev.herald.postgres.PgClients;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.junit5.Timeout;
import io.vertx.junit5.VertxExtension;
import io.vertx.junit5.VertxTestContext;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
@Timeout(30_000)
class DevicesIT {
    private PgClients pg;
    private Devices devices;

    @BeforeEach
    void open(Vertx vertx) {
        pg = PgClients.open(vertx, Stores.freshPostgres(), 4);
        devices = new Devices(pg);
    }

    @Test
    void knows_nothing_of_a_device_without_a_token(VertxTestContext ctx) {
        devices.find("u1", 1)
                .onComplete(ctx.succeeding(standing -> ctx.verify(() -> {
                    assertThat(standing.device()).isNull();
                    assertThat(standing.proves("")).isFalse();
                    assertThat(standing.banned()).isFalse();
                    ctx.completeNow();
                })));
    }

    @Test
    void believes_the_newest_token_of_that_device_only(VertxTestContext ctx) {
        devices.setToken("u1", 1, "old", Device.SLAVE)
                .compose(v -> devices.setToken("u1", 1, "new", Device.MASTER))
                .compose(v -> devices.setToken("u1", 2, "other", Device.SLAVE))
                .compose(v -> devices.find("u1", 1))
                .onComplete(ctx.succeeding(standing -> ctx.verify(() -> {
                    assertThat(standing.proves("new")).isTrue();
                    assertThat(standing.proves("old")).isFalse();
                    assertThat(standing.proves("other")).isFalse();
                    assertThat(standing.proves("")).isFalse();
                    assertThat(standing.isMaster()).isTrue();
                    ctx.completeNow();
                })));
    }

    @Test
    void stores_no_token_in_the_clear(VertxTestContext ctx) {
        devices.setToken("u1", 1, "secret", Device.SLAVE)
                .compose(v ->
                        pg.statements().query("select token_hash from device").execute())
                .onComplete(ctx.succeeding(rows -> ctx.verify(() -> {
                    assertThat(rows.iterator().next().getBuffer(0).length()).isEqualTo(32);
                    ctx.completeNow();
                })));
    }

    @Test
    void remembers_when_a_device_was_told_to_quit(VertxTestContext ctx) {
        devices.find("u1", 1)
                .onSuccess(
                        before -> ctx.verify(() -> assertThat(before.quitAt()).isNull()))
                .compose(v -> devices.clearToken("u1", 1))
                .compose(v -> devices.find("u1", 2))
                .onSuccess(other -> ctx.verify(() -> assertThat(other.quitAt()).isNull()))
                .compose(v -> devices.clearToken("u1", Devices.ALL))
                .compose(v -> devices.clearToken("u1", Devices.ALL))
                .compose(v -> Future.all(devices.find("u1", 1), devices.find("u1", 2), devices.find("u2", 1)))
                .onComplete(ctx.succeeding(found -> ctx.verify(() -> {
                    assertThat(found.<Standing>resultAt(0).admits(Instant.now().minusSeconds(3600)))
                            .isFalse();
                    assertThat(found.<Standing>resultAt(1).quitAt()).isNotNull();
                    assertThat(found.<Standing>resultAt(1).admits(Instant.now().plusSeconds(60)))
                            .isTrue();
                    assertThat(found.<Standing>resultAt(2).quitAt()).isNull();
                    ctx.completeNow();
                })));
    }

    @Test
    void forgets_one_device_or_all(VertxTestContext ctx) {
        devices.setToken("u1", 0, "a", Device.SLAVE)
                .compose(v -> devices.setToken("u1", 1, "b", Device.SLAVE))
                .compose(v -> devices.setToken("u1", 2, "c", Device.SLAVE))
                .compose(v -> devices.clearToken("u1", 1))
                .compose(v -> devices.find("u1", 1))
                .compose(cleared -> {
                    ctx.verify(() -> assertThat(cleared.device()).isNull());
                    return devices.find("u1", 2);
                })
                .compose(kept -> {
                    ctx.verify(() -> assertThat(kept.proves("c")).isTrue());
                    return devices.clearToken("u1", Devices.ALL);
                })
                .compose(v -> devices.find("u1", 2))
                .onComplete(ctx.succeeding(cleared -> ctx.verify(() -> {
                    assertThat(cleared.device()).isNull();
                    ctx.completeNow();
                })));
    }

    @Test
    void sees_the_ban_of_the_person_channel_without_any_device(VertxTestContext ctx) {
        pg.statements()
                .query("insert into channel (channel_id, channel_type, ban) values ('u1', 1, true), ('u2', 2, true)")
                .execute()
                .compose(v -> devices.find("u1", 1))
                .compose(banned -> {
                    ctx.verify(() -> assertThat(banned.banned()).isTrue());
                    return devices.find("u2", 1);
                })
                .onComplete(ctx.succeeding(free -> ctx.verify(() -> {
                    assertThat(free.banned()).isFalse();
                    ctx.completeNow();
                })));
    }
}
