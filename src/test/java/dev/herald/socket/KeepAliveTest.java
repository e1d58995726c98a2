package dev.herald.socket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.config.ConfigLoader;
import dev.herald.config.HeraldConfig;
import dev.herald.socket.KeepAlive.Due;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class KeepAliveTest {
    /** With the default limits. */
    private static final long SWEEP_MILLIS = 1_000;

    private final KeepAlive keepAlive =
            new KeepAlive(Duration.ofSeconds(180), Duration.ofSeconds(20), Duration.ofSeconds(30), 0);

    @Test
    void asks_once_after_a_silence_and_then_ends() {
        assertThat(keepAlive.due(19_999)).isEqualTo(Due.NOTHING);
        assertThat(keepAlive.due(20_000)).isEqualTo(Due.PING);
        assertThat(keepAlive.due(49_999)).isEqualTo(Due.NOTHING);
        assertThat(keepAlive.due(50_000)).isEqualTo(Due.END);
    }

    @Test
    void ends_a_dead_peer_within_a_minute_by_default() {
        HeraldConfig.Ws ws = ConfigLoader.load(Map.of()).ws();
        KeepAlive byDefault = new KeepAlive(ws.idleTimeout(), ws.pingAfter(), ws.pongTimeout(), 0);
        long now = 0;
        while (byDefault.due(now) != Due.END) {
            now += SWEEP_MILLIS;
        }
        assertThat(now).isLessThan(60_000);
    }

    @Test
    void takes_anything_for_an_answer() {
        assertThat(keepAlive.due(20_000)).isEqualTo(Due.PING);
        keepAlive.heard(20_000);
        assertThat(keepAlive.due(39_999)).isEqualTo(Due.NOTHING);
        assertThat(keepAlive.due(40_000)).isEqualTo(Due.PING);
        keepAlive.heard(60_000);
        assertThat(keepAlive.due(79_999)).isEqualTo(Due.NOTHING);
        assertThat(keepAlive.due(80_000)).isEqualTo(Due.PING);
    }

    @Test
    void is_not_set_back_by_what_was_heard_before() {
        keepAlive.heard(10_000);
        keepAlive.heard(5_000);
        assertThat(keepAlive.due(29_999)).isEqualTo(Due.NOTHING);
        assertThat(keepAlive.due(30_000)).isEqualTo(Due.PING);
    }

    @Test
    void ends_a_peer_that_is_idle_for_longer_than_is_allowed() {
        KeepAlive impatient = new KeepAlive(Duration.ofSeconds(5), Duration.ofSeconds(20), Duration.ofSeconds(30), 0);
        assertThat(impatient.due(4_999)).isEqualTo(Due.NOTHING);
        assertThat(impatient.due(5_000)).isEqualTo(Due.END);
    }
}
