package dev.herald.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.it.HeraldProcess;
import dev.herald.it.Ports;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Scenarios in small against the packaged Herald: fails if anything is lost, repeated, late or refused, however slow. */
@Tag("load")
@Timeout(300)
class BenchSmokeIT {
    private static final int HOOK_PORT = Ports.free();
    private static final String FEW = "time=1 clients=100 warm-clients=20 groups=3 members=50 commands=5 online=5 at-once=5";

    @Test
    void nothing_is_lost_repeated_or_out_of_order(@TempDir Path folder) throws Exception {
        Map<String, String> told =
                Map.of("HERALD_WEBHOOK_URL", "http://127.0.0.1:" + HOOK_PORT + "/hook", "HERALD_PRESENCE_GRACE", "PT1S");
        String hook = " hook-port=" + HOOK_PORT;
        try (HeraldProcess herald = HeraldProcess.start(folder, told)) {
            // First, since it listens: what is posted to nobody is tried again late.
            assertThat(run(herald, "churn,chat", "time=1 clients=100 rate=50" + hook)).isTrue();
            assertThat(run(herald, "storm,chat,group,fanout,commands,replay,mixed,webhooks,online", FEW + hook)).isTrue();
            assertThat(run(herald, "storm,chat,group,fanout", FEW + " protocol=json")).isTrue();
        }
    }

    @Test
    void whoever_shows_the_token_that_the_server_was_told_gets_in(@TempDir Path folder) throws Exception {
        try (HeraldProcess herald = HeraldProcess.start(folder, Map.of("HERALD_CLIENT_AUTH", "token"))) {
            String few = "clients=50 warm-clients=10 at-once=5";
            assertThat(run(herald, "storm", few + " tokens=true")).isTrue();
            assertThat(run(herald, "storm", few)).isFalse();
        }
    }

    private static boolean run(HeraldProcess herald, String scenarios, String keys) throws Exception {
        List<String> settings = new ArrayList<>(List.of(keys.split(" ")));
        settings.add("ws=" + herald.ws());
        settings.add("api=" + herald.http());
        settings.add("pids=herald:" + herald.handle().pid());
        settings.add("verify-each=1");
        settings.add("warmup=1");
        return Bench.run(scenarios, Settings.parse(settings));
    }
}
