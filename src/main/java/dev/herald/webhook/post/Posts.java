package dev.herald.webhook.post;

import dev.herald.bus.Bus;
import dev.herald.config.HeraldConfig;
import dev.herald.endpoint.Endpoint;
import dev.herald.endpoint.LazyVault;
import dev.herald.endpoint.OwnHeaders;
import dev.herald.endpoint.Secrets;
import dev.herald.eventlog.EventContents;
import dev.herald.postgres.PgClients;
import dev.herald.webhook.post.Attempt.Limits;
import dev.herald.webhook.post.Sender.Outside;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.time.Clock;
import java.util.Optional;

/** Makes of each endpoint what brings its events there. */
public final class Posts {
    private final Vertx vertx;
    private final HeraldConfig config;
    private final PgClients pg;
    private final Bus bus;
    private final Outside outside;
    private final LazyVault vault;
    private final Configured configured;

    public Posts(Vertx vertx, HeraldConfig config, Configured configured, PgClients pg, Bus bus, Names names) {
        this.vertx = vertx;
        this.config = config;
        this.configured = configured;
        this.pg = pg;
        this.bus = bus;
        this.vault = new LazyVault(vertx, config, pg.statements(), bus::isAlone);
        HeraldConfig.Webhook webhook = config.webhook();
        AddressGuard guard = new AddressGuard(webhook.allowedNetworks().orElse(""));
        this.outside = new Outside(vertx, names, guard, Limits.of(webhook.timeout()), Clock.systemUTC());
    }

    /** Before anything is posted: fails with CONFLICT if this node's key is not that of the others. */
    public Future<Void> check() {
        return vault.check();
    }

    /** Fails if this node cannot read the endpoint's secrets. */
    public Future<Post> of(Endpoint endpoint) {
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
        return secrets(endpoint).compose(secrets -> headers(endpoint)
                .map(headers -> new Sender(
                        outside,
                        url,
                        new Signer(secrets),
                        OwnHeaders.of(headers),
                        endpoint.settings().concurrency())));
    }

    private Future<Secrets> secrets(Endpoint endpoint) {
        Optional<Secrets> given = isConfigured(endpoint) ? configured.secrets() : Optional.empty();
        Buffer sealed = endpoint.security().secrets();
        return given.map(Future::succeededFuture).orElseGet(() -> vault.open()
                .map(open -> sealed == null
                        ? Secrets.of(open.ownSecret(endpoint.id()))
                        : Secrets.unseal(open, endpoint.id(), sealed)));
    }

    private Future<JsonObject> headers(Endpoint endpoint) {
        Buffer sealed = endpoint.security().headers();
        if (isConfigured(endpoint) || sealed == null) {
            return Future.succeededFuture(isConfigured(endpoint) ? configured.headers() : new JsonObject());
        }
        return vault.open().map(open -> new JsonObject(open.unseal(endpoint.id(), sealed)));
    }

    private static boolean isConfigured(Endpoint endpoint) {
        return endpoint.id().equals(Endpoint.CONFIGURED);
    }
}
