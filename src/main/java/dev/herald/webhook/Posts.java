package dev.herald.webhook;

import dev.herald.bus.Bus;
import dev.herald.config.HeraldConfig;
import dev.herald.endpoint.Endpoint;
import dev.herald.endpoint.LazyVault;
import dev.herald.endpoint.Secrets;
import dev.herald.endpoint.Secrets.Kept;
import dev.herald.endpoint.SigningSecret;
import dev.herald.eventlog.EventContents;
import dev.herald.postgres.PgClients;
import dev.herald.webhook.Attempt.Limits;
import dev.herald.webhook.Sender.Outside;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Makes of each endpoint what brings its events there. */
final class Posts {
    private final Vertx vertx;
    private final HeraldConfig config;
    private final PgClients pg;
    private final Bus bus;
    private final Outside outside;
    private final LazyVault vault;

    Posts(Vertx vertx, HeraldConfig config, PgClients pg, Bus bus, Names names) {
        this.vertx = vertx;
        this.config = config;
        this.pg = pg;
        this.bus = bus;
        this.vault = new LazyVault(vertx, config);
        HeraldConfig.Webhook webhook = config.webhook();
        AddressGuard guard = new AddressGuard(webhook.allowedNetworks().orElse(""));
        this.outside = new Outside(vertx, names, guard, Limits.of(webhook.timeout()), Clock.systemUTC());
    }

    /** Fails if this node cannot read the endpoint's secrets. */
    Future<Post> of(Endpoint endpoint) {
        if (endpoint.id().equals(Endpoint.OFFLINE_NOTICES)) {
            return Future.succeededFuture(
                    new OfflineNotices(pg, bus, config.webhook().offlineRule()));
        }
        return sender(endpoint).map(sender -> {
            Endpoint.Settings settings = endpoint.settings();
            Bodies bodies = new Bodies(new EventContents(pg.statements()), settings.format(), settings.batchSize() > 1);
            return new HttpPost(bodies, new Rate(vertx, pg.statements(), endpoint.id(), settings.rate()), sender);
        });
    }

    /** Fails as {@link #of} does. */
    Future<Sender> sender(Endpoint endpoint) {
        EventUrl url =
                new EventUrl(endpoint.settings().url(), endpoint.settings().format());
        int concurrency = endpoint.settings().concurrency();
        if (endpoint.security().secrets() == null && endpoint.security().headers() == null) {
            return Future.succeededFuture(new Sender(outside, url, new Signer(given(endpoint)), Map.of(), concurrency));
        }
        return vault.open().map(open -> {
            Buffer secrets = endpoint.security().secrets();
            Buffer headers = endpoint.security().headers();
            Signer signer =
                    new Signer(secrets == null ? given(endpoint) : Secrets.unseal(open, endpoint.id(), secrets));
            return new Sender(
                    outside,
                    url,
                    signer,
                    headers == null ? Map.of() : headers(open.unseal(endpoint.id(), headers)),
                    concurrency);
        });
    }

    /** The ids of those whose secrets were sealed with another key than this node's. */
    Future<List<String>> unreadable(List<Endpoint> endpoints) {
        List<Endpoint> sealed = endpoints.stream()
                .filter(it -> it.security().secrets() != null || it.security().headers() != null)
                .toList();
        if (sealed.isEmpty()) {
            return Future.succeededFuture(List.of());
        }
        return vault.open().map(open -> sealed.stream()
                .filter(it -> !open.holds(it.security().secrets())
                        || !open.holds(it.security().headers()))
                .map(Endpoint::id)
                .toList());
    }

    /** The configuration's own secrets are not stored anywhere. */
    private Secrets given(Endpoint endpoint) {
        return new Secrets(Stream.of(config.webhook().secret(), config.webhook().oldSecret())
                .flatMap(Optional::stream)
                .filter(secret -> endpoint.id().equals(Endpoint.CONFIGURED))
                .map(secret -> new Kept(new SigningSecret(secret.value()), null))
                .toList());
    }

    private static Map<String, String> headers(String json) {
        Map<String, String> headers = new HashMap<>();
        new JsonObject(json).forEach(header -> headers.put(header.getKey(), String.valueOf(header.getValue())));
        return headers;
    }
}
