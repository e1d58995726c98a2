package dev.herald.boot;

import dev.herald.config.HeraldConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** The stores that are not given by URL, started as servers of our own. */
final class EmbeddedStores {
    private static final Duration QUICK = Duration.ofSeconds(10);
    private static final Duration LEFTOVERS = Duration.ofSeconds(45);
    private static final Duration SERVER = Duration.ofSeconds(90);

    private EmbeddedStores() {}

    /** @return the URLs of the started stores by their keys */
    static Map<String, String> start(HeraldConfig config, Steps steps) {
        boolean ownPostgres = config.postgres().url().isEmpty();
        boolean ownRedis = config.redis().url().isEmpty();
        Map<String, String> urls = new HashMap<>();
        if (ownPostgres || ownRedis) {
            DataFolder folder = claim(config, steps);
            if (ownPostgres) {
                EmbeddedPg postgres =
                        steps.run("embedded PostgreSQL", SERVER, () -> EmbeddedPg.start(folder), EmbeddedPg::stop);
                urls.put("postgres.url", postgres.url());
            }
            if (ownRedis) {
                EmbeddedRedis redis =
                        steps.run("embedded Redis", SERVER, () -> EmbeddedRedis.start(folder), EmbeddedRedis::stop);
                urls.put("redis.url", redis.url());
            }
        }
        return urls;
    }

    /** Takes the folder, ends what a killed Herald left running there, and provides for our own sudden end. */
    private static DataFolder claim(HeraldConfig config, Steps steps) {
        Path root = Path.of(config.data().dir());
        DataFolder folder = steps.run("data folder", QUICK, () -> DataFolder.claim(root), DataFolder::release);
        steps.run("servers of an earlier run", LEFTOVERS, () -> stopLeftovers(folder));
        steps.run("watchdog", QUICK, () -> Watchdog.start(folder), Watchdog::stop);
        return folder;
    }

    private static DataFolder stopLeftovers(DataFolder folder) throws IOException, InterruptedException {
        folder.postgresPid().stopServer();
        folder.redisPid().stopServer();
        return folder;
    }
}
