package dev.herald.redis;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where Redis is, and whether it is one server, one that Sentinels name, or a cluster.
 *
 * @param origin what every server's URL begins with: scheme and credentials, the Sentinels' too
 * @param servers {@code host:port} of the server, of the Sentinels, or of some of the cluster
 * @param master as the Sentinels call it; empty without them
 * @param database number of the database as text; empty for 0
 */
public record RedisUrl(Kind kind, String origin, List<String> servers, String master, String database) {
    public static final String FORMS = "redis://[:password@]host:port[/db],"
            + " redis-sentinel://[:password@]host:port,host:port/master[/db] or"
            + " redis-cluster://[:password@]host:port,host:port (with TLS rediss…)";

    private static final Pattern FORM = Pattern.compile(
            "(?<scheme>rediss?)(?<kind>|-sentinel|-cluster)://(?:(?<user>[^@/]*)@)?(?<hosts>[^@/]+)(?:/(?<path>.*))?");

    enum Kind {
        STANDALONE,
        SENTINEL,
        CLUSTER
    }

    /** Empty if it is none of {@link #FORMS}. */
    public static Optional<RedisUrl> parse(String url) {
        Matcher form = FORM.matcher(url);
        if (!form.matches()) {
            return Optional.empty();
        }
        Kind kind =
                switch (form.group("kind")) {
                    case "-sentinel" -> Kind.SENTINEL;
                    case "-cluster" -> Kind.CLUSTER;
                    default -> Kind.STANDALONE;
                };
        String path = Optional.ofNullable(form.group("path")).orElse("");
        String master = kind == Kind.SENTINEL ? path.replaceFirst("/.*", "") : "";
        String user = form.group("user");
        RedisUrl parsed = new RedisUrl(
                kind,
                form.group("scheme") + "://" + (user == null ? "" : user + "@"),
                Arrays.asList(form.group("hosts").split(",", -1)),
                master,
                path.substring(master.length()).replaceFirst(kind == Kind.SENTINEL ? "^/" : "", ""));
        return Optional.of(parsed).filter(RedisUrl::isWhole);
    }

    /** URL of one of the servers that have the data. */
    String data(String server) {
        return origin + server + (database.isEmpty() ? "" : "/" + database);
    }

    /** URLs by which the first question is asked: of the server, of the Sentinels, or of some of the cluster. */
    List<String> endpoints() {
        return servers.stream()
                .map(server -> kind == Kind.SENTINEL ? origin + server : data(server))
                .toList();
    }

    private boolean isWhole() {
        return database.matches(kind == Kind.CLUSTER ? "" : "[0-9]*")
                && (kind == Kind.SENTINEL) != master.isEmpty()
                && (kind != Kind.STANDALONE || servers.size() == 1)
                && endpoints().stream().allMatch(RedisUrl::isServer);
    }

    private static boolean isServer(String endpoint) {
        try {
            return new URI(endpoint).getHost() != null;
        } catch (URISyntaxException e) {
            return false;
        }
    }
}
