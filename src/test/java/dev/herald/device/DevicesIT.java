package dev.herald.device;

import static dev.herald.it.Sql.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.it.Sql;
import dev.herald.it.Stores;
import dev.herald.postgres.PgClients;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
@Timeout(60)
class DevicesIT {
    private Sql sql;
    private Devices devices;
    private Standings standings;

    @BeforeEach
    void open(Vertx vertx) {
        PgClients pg = PgClients.open(vertx, Stores.freshPostgres(), 4);
        sql = new Sql(pg.statements());
        devices = new Devices(pg);
        standings = new Standings(pg);
    }

    @Test
    void knows_nothing_of_a_device_without_a_token() {
        Standing standing = find("u1", 1);

        assertThat(standing.device()).isNull();
        assertThat(standing.proves("")).isFalse();
        assertThat(standing.banned()).isFalse();
    }

    @Test
    void believes_the_newest_token_of_that_device_only() {
        setToken(1, "old", Device.SLAVE);
        setToken(1, "new", Device.MASTER);
        setToken(2, "other", Device.SLAVE);
        Standing standing = find("u1", 1);

        assertThat(standing.proves("new")).isTrue();
        assertThat(standing.proves("old")).isFalse();
        assertThat(standing.proves("other")).isFalse();
        assertThat(standing.proves("")).isFalse();
        assertThat(standing.isMaster()).isTrue();
    }

    @Test
    void stores_no_token_in_the_clear() {
        setToken(1, "secret", Device.SLAVE);

        assertThat(sql.rows("select octet_length(token_hash) from device")).containsExactly("32");
    }

    @Test
    void remembers_when_a_device_was_told_to_quit() {
        assertThat(find("u1", 1).quitAt()).isNull();
        await(devices.clearToken("u1", 1, Optional.empty()));
        assertThat(find("u1", 2).quitAt()).isNull();
        await(devices.clearToken("u1", Devices.ALL, Optional.empty()));
        await(devices.clearToken("u1", Devices.ALL, Optional.empty()));

        assertThat(find("u1", 1).admits(Instant.now().minusSeconds(3600))).isFalse();
        assertThat(find("u1", 2).quitAt()).isNotNull();
        assertThat(find("u1", 2).admits(Instant.now().plusSeconds(60))).isTrue();
        assertThat(find("u2", 1).quitAt()).isNull();
    }

    @Test
    void forgets_one_device_or_all() {
        setToken(0, "a", Device.SLAVE);
        setToken(1, "b", Device.SLAVE);
        setToken(2, "c", Device.SLAVE);
        await(devices.clearToken("u1", 1, Optional.empty()));
        assertThat(find("u1", 1).device()).isNull();
        assertThat(find("u1", 2).proves("c")).isTrue();
        await(devices.clearToken("u1", Devices.ALL, Optional.empty()));
        assertThat(find("u1", 2).device()).isNull();
    }

    @Test
    void sees_the_ban_of_the_person_channel_without_any_device() {
        sql.run("insert into channel (channel_id, channel_type, ban) values ('u1', 1, true), ('u2', 2, true)");

        assertThat(find("u1", 1).banned()).isTrue();
        assertThat(find("u2", 1).banned()).isFalse();
    }

    @Test
    void many_who_ask_at_once_are_each_told_of_their_own_device() {
        List<Integer> flags = IntStream.range(0, 40).boxed().toList();
        await(Future.join(flags.stream()
                .map(flag -> devices.setToken("u" + flag, flag, "t" + flag, Device.SLAVE, Optional.empty()))
                .toList()));
        List<Future<Standing>> found =
                flags.stream().map(flag -> standings.find("u" + flag, flag)).toList();

        for (int flag : flags) {
            assertThat(await(found.get(flag)).proves("t" + flag)).isTrue();
        }
    }

    private void setToken(int flag, String token, int level) {
        await(devices.setToken("u1", flag, token, level, Optional.empty()));
    }

    private Standing find(String uid, int flag) {
        return await(standings.find(uid, flag));
    }
}
