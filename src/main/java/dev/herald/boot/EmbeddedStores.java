package dev.herald.boot;

import dev.herald.config.HeraldConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The stores that are not given by URL, started as servers of our own. */
final class EmbeddedStores {
    private static final Duration QUICK = Duration.ofSeconds(10);
    private static final Duration LEFTOVERS = Duration.ofSeconds(45);
    private static final Duration SERVER = Duration.ofSeconds(90);

    private static final String LOOPBACK = "127.0.0.0/8,::1/128";

    /** Of a store's URL; there are several in a cluster's. */
    private static final Pattern HOSTS = Pattern.compile("[^:/]+://(?:[^@/]*@)?([^/?]+)");

    private static final Pattern THIS_MACHINE =
            Pattern.compile("(?:localhost|127(?:\\.\\d{1,3}){3}|\\[::1])(?::\\d+)?");

    private final Steps steps;
    private final Map<String, String> allowances;
    private final Map<String, Supplier<String>> urls = new LinkedHashMap<>();
    private final List<Callable<?>> settling = new ArrayList<>();

    private EmbeddedStores(Steps steps, Map<String, String> allowances) {
        this.steps = steps;
        this.allowances = allowances;
    }

    /** Begins what takes longest, and is done by other programs: a caller has something else to do meanwhile. */
    static EmbeddedStores prepare(HeraldConfig config, Steps steps) {
        EmbeddedStores stores = new EmbeddedStores(steps, allowances(config));
        boolean ownPostgres = config.postgres().url().isEmpty();
        boolean ownRedis = config.redis().url().isEmpty();
        if (ownPostgres || ownRedis) {
            DataFolder folder = stores.claim(Path.of(config.data().dir()));
            if (ownRedis) {
                stores.urls.put("redis.url", () -> stores.startRedis(folder));
            }
            if (ownPostgres) {
                Callable<PgPrograms> programs = steps.ahead("PostgreSQL's files", () -> EmbeddedPg.prepare(folder));
                stores.urls.put("postgres.url", () -> stores.startPostgres(folder, programs));
            }
        }
        return stores;
    }

    /** @return the URLs of the started stores by their keys, and what follows from these being our own */
    Map<String, String> start() {
        Map<String, String> started = new HashMap<>(allowances);
        urls.forEach((key, start) -> started.put(key, start.get()));
        return started;
    }

    /** Where Herald is for this machine only, in all its parts, the back ends that it tells may be here, too. */
    static Map<String, String> allowances(HeraldConfig config) {
        boolean here = isLoopback(config.bind())
                && Stream.of(config.postgres().url(), config.redis().url())
                        .flatMap(Optional::stream)
                        .allMatch(url -> isHere(url.value()));
        String networks =
                config.webhook().allowedNetworks().map(given -> given + ",").orElse("") + LOOPBACK;
        return here ? Map.of("webhook.allowed-networks", networks) : Map.of();
    }

    /** By how the URL is written, so that no name has to be looked up. */
    private static boolean isHere(String url) {
        Matcher hosts = HOSTS.matcher(url);
        return hosts.lookingAt()
                && Stream.of(hosts.group(1).split(",", -1))
                        .allMatch(host -> THIS_MACHINE.matcher(host).matches());
    }

    private static boolean isLoopback(String bind) {
        try {
            return InetAddress.getByName(bind).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }

    /** After this they keep what they are given. */
    void settle() {
        settling.forEach(work -> steps.run("first sync", SERVER, work));
    }

    /** Takes the folder, ends what a killed Herald left running there, and provides for our own sudden end. */
    private DataFolder claim(Path root) {
        DataFolder folder = steps.run("data folder", QUICK, () -> DataFolder.claim(root), DataFolder::release);
        steps.run("servers of an earlier run", LEFTOVERS, () -> clear(folder));
        steps.run("watchdog", QUICK, () -> Watchdog.start(folder), Watchdog::stop);
        return folder;
    }

    private static DataFolder clear(DataFolder folder) throws IOException, InterruptedException {
        folder.postgresPid().stopServer();
        folder.redisPid().stopServer();
        folder.setAsideUnfinished();
        return folder;
    }

    private String startRedis(DataFolder folder) {
        return steps.run("embedded Redis", SERVER, () -> EmbeddedRedis.start(folder), EmbeddedRedis::stop)
                .url();
    }

    private String startPostgres(DataFolder folder, Callable<PgPrograms> programs) {
        EmbeddedPg postgres = steps.run(
                "embedded PostgreSQL", SERVER, () -> EmbeddedPg.start(folder, programs.call()), EmbeddedPg::stop);
        settling.add(steps.ahead("first sync", () -> EmbeddedPg.settle(folder, programs.call())));
        return postgres.url();
    }
}
