package dev.herald.redis;

import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;

/**
 * One run of a Redis server.
 *
 * @param runId that no other run has
 */
public record RedisProcess(String runId, Duration uptime) {

    /** All of them as one text, in whatever order they come. */
    public static String runIds(List<RedisProcess> processes) {
        return processes.stream().map(RedisProcess::runId).sorted().collect(Collectors.joining(","));
    }

    static RedisProcess parse(String info) {
        return new RedisProcess(
                field(info, "run_id"), Duration.ofSeconds(Long.parseLong(field(info, "uptime_in_seconds"))));
    }

    private static String field(String info, String name) {
        return info.lines()
                .filter(line -> line.startsWith(name + ":"))
                .map(line -> line.substring(name.length() + 1).strip())
                .findFirst()
                .orElseThrow(() -> new HeraldException(Failure.UNAVAILABLE, "Redis tells no " + name));
    }
}
