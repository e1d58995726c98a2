package dev.herald.jwt;

import dev.herald.config.HeraldConfig;
import dev.herald.config.Secret;
import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;

/**
 * Says what a JSON Web Token proves (decision 045). Who signed it is checked by the library; what it claims, here. The
 * algorithm is that of the configured key, whatever the token says.
 */
public final class JwtCheck {
    private static final Duration PAUSE = Duration.ofSeconds(10);

    private final KeySource keys;
    private final Expected expected;
    private final Clock clock;

    /** Where the keys come from. */
    interface KeySource {
        /** Those that may hold this one; fails as unavailable if there are none to be had now. */
        Future<Keys> find(Optional<String> id);

        /** No key is looked for any more. */
        Future<Void> stop();
    }

    JwtCheck(KeySource keys, Expected expected, Clock clock) {
        this.keys = keys;
        this.expected = expected;
        this.clock = clock;
    }

    /** By the one key that is configured, or by those that are published; call it on the owner's context. */
    public static JwtCheck of(Vertx vertx, HeraldConfig.Jwt config, MeterRegistry meters) {
        Expected expected = new Expected(config.issuer(), config.audience(), config.leeway());
        KeySource keys = config.jwks()
                .<KeySource>map(url -> Jwks.follow(vertx, url, meters, PAUSE))
                .orElseGet(() -> new Fixed(fixed(vertx, config)));
        return new JwtCheck(keys, expected, Clock.systemUTC());
    }

    private static Keys fixed(Vertx vertx, HeraldConfig.Jwt config) {
        return config.secret()
                .map(Secret::value)
                .map(secret -> Keys.shared(vertx, secret))
                .orElseGet(() -> Keys.publicKey(vertx, config.publicKey().orElseThrow()));
    }

    /** Fails with the reason as UNAUTHENTICATED, or as UNAVAILABLE if it cannot be known now. */
    public Future<Claims> check(String token) {
        return Future.succeededFuture(token)
                .map(Header::of)
                .compose(header -> keys.find(header.keyId()).compose(found -> found.verify(header, token)))
                .map(claims -> Claims.read(claims, expected, clock.instant()));
    }

    public Future<Void> stop() {
        return keys.stop();
    }

    static HeraldException refused(String text) {
        return new HeraldException(Failure.UNAUTHENTICATED, "token: " + text);
    }

    private record Fixed(Keys keys) implements KeySource {
        @Override
        public Future<Keys> find(Optional<String> id) {
            return Future.succeededFuture(keys);
        }

        @Override
        public Future<Void> stop() {
            return Future.succeededFuture();
        }
    }
}
