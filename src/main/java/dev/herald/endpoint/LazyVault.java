package dev.herald.endpoint;

import dev.herald.config.HeraldConfig;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.SqlClient;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** The vault, opened when it is first needed: where no secret is kept, no key is made. Used on one context. */
public final class LazyVault {
    private final Vertx vertx;
    private final HeraldConfig config;
    private final SharedKey key;
    private @Nullable Future<Vault> vault;

    /** @param alone whether there is no other node */
    public LazyVault(Vertx vertx, HeraldConfig config, SqlClient pg, BooleanSupplier alone) {
        this.vertx = vertx;
        this.config = config;
        this.key = new SharedKey(pg, alone);
    }

    /** Fails with CONFLICT if other nodes have another key. What failed is tried again by whoever asks next. */
    public Future<Vault> open() {
        if (vault == null || vault.failed()) {
            vault = vertx.executeBlocking(() -> Vault.open(config))
                    .compose(open -> key.require(Objects.requireNonNull(open)));
        }
        return vault;
    }

    /** Before a node serves: fails as {@link #open} does, but makes no key. */
    public Future<Void> check() {
        return vertx.executeBlocking(() -> Vault.hasKey(config))
                .compose(has -> Boolean.TRUE.equals(has) ? open().mapEmpty() : key.requireNone());
    }
}
