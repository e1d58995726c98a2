package dev.herald.endpoint;

import dev.herald.config.HeraldConfig;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The vault, opened when it is first needed: where no secret is kept, no key is made. Used on one context. */
public final class LazyVault {
    private final Vertx vertx;
    private final HeraldConfig config;
    private @Nullable Future<Vault> vault;

    public LazyVault(Vertx vertx, HeraldConfig config) {
        this.vertx = vertx;
        this.config = config;
    }

    /** What failed is tried again by whoever asks next. */
    public Future<Vault> open() {
        if (vault == null || vault.failed()) {
            vault = vertx.executeBlocking(() -> Vault.open(config)).map(open -> Objects.requireNonNull(open));
        }
        return vault;
    }
}
