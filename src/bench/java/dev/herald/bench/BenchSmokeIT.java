package dev.herald.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.it.HeraldProcess;
import dev.herald.it.OwnProcesses;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Scenarios in small against the packaged Herald: fails if anything is lost, repeated, late or refused, however slow. */
@OwnProcesses
@Tag("load")
class BenchSmokeIT {
    @Test
    void nothing_is_lost_repeated_or_out_of_order(@TempDir Path folder) throws Exception {
        try (HeraldProcess herald = HeraldProcess.start(folder, Map.of())) {
            assertThat(run(herald, "binary", "storm,chat,group,fanout,commands,replay,mixed")).isTrue();
            assertThat(run(herald, "json", "storm,chat,group,fanout")).isTrue();
        }
    }

    private static boolean run(HeraldProcess herald, String protocol, String scenarios) throws Exception {
        return Bench.run(
                scenarios,
                Settings.parse(List.of(
                        "ws=" + herald.ws(),
                        "api=" + herald.http(),
                        "pids=herald:" + herald.handle().pid(),
                        "protocol=" + protocol,
                        "verify-each=1",
                        "warmup=1",
                        "time=1",
                        "clients=100",
                        "warm-clients=20",
                        "groups=3",
                        "members=50",
                        "commands=5",
                        "online=5",
                        "at-once=5")));
    }
}
