package dev.herald.jwt;

import static dev.herald.jwt.Issuer.claims;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.herald.config.ConfigLoader;
import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.junit5.VertxExtension;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(VertxExtension.class)
@Timeout(120)
class JwtCheckTest {
    private static final Issuer ISSUER = new Issuer("k1");
    private static final Issuer OTHER = new Issuer("k2");

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final AtomicInteger reads = new AtomicInteger();
    private volatile Consumer<HttpServerRequest> published = request -> request.response()
            .end(Issuer.set(
                            ISSUER.jwk().put("x5c", JsonArray.of("no certificate")),
                            JsonObject.of("kty", "oct", "k", "c2VjcmV0"),
                            JsonObject.of("kty", "EC", "crv", "P-256", "x", "AA", "y", "AA"))
                    .toBuffer());

    @Test
    void believes_what_the_shared_secret_signed(Vertx vertx) {
        JwtCheck check = bySecret(vertx);

        assertThat(uid(check, Issuer.shared(claims("u1")))).isEqualTo("u1");
        refuses(
                check,
                Issuer.shared(claims("u1"), "another secret of thirty-two bytes".getBytes(StandardCharsets.UTF_8)));
        refuses(check, changed(Issuer.shared(claims("u1"))));
        refuses(check, ISSUER.sign(claims("u1")));
    }

    @Test
    void believes_what_the_private_key_signed(Vertx vertx) {
        JwtCheck check = of(vertx, "client.jwt.public-key", ISSUER.pem());

        assertThat(uid(check, ISSUER.sign(claims("u1")))).isEqualTo("u1");
        refuses(check, OTHER.sign(claims("u1")));
        refuses(check, changed(ISSUER.sign(claims("u1"))));
    }

    @Test
    void a_public_key_is_no_shared_secret(Vertx vertx) {
        JwtCheck check = of(vertx, "client.jwt.public-key", ISSUER.pem());

        for (String secret : new String[] {ISSUER.pem(), ISSUER.pem().strip()}) {
            refuses(check, Issuer.shared(claims("u1"), secret.getBytes(StandardCharsets.UTF_8)));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "None", "NONE", "", "HS256", "RS256", "HS512", "null"})
    void what_is_not_signed_proves_nothing(String algorithm, Vertx vertx) {
        for (JwtCheck check : new JwtCheck[] {bySecret(vertx), of(vertx, "client.jwt.public-key", ISSUER.pem())}) {
            refuses(check, Issuer.unsigned(claims("u1"), algorithm));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ".",
                "..",
                "a.b.c",
                "e30.e30.e30",
                "e30.e30",
                "eyJhbGciOiJIUzI1NiJ9",
                "ä.ä.ä",
                "bnVsbA.e30.e30"
            })
    void garbage_proves_nothing(String token, Vertx vertx) {
        refuses(bySecret(vertx), token);
    }

    @Test
    void refuses_what_is_too_long_or_has_critical_extensions(Vertx vertx) {
        refuses(bySecret(vertx), Issuer.shared(claims("u1").put("x", "x".repeat(8_192))));
        JsonObject header = JsonObject.of("alg", "RS256", "crit", JsonArray.of("b64"));
        refuses(of(vertx, "client.jwt.public-key", ISSUER.pem()), ISSUER.sign(header, claims("u1")));
    }

    @Test
    void believes_the_keys_that_an_issuer_publishes(Vertx vertx) throws Exception {
        JwtCheck check = of(vertx, "client.jwt.jwks", publish(vertx));

        assertThat(uid(check, ISSUER.sign(claims("u1")))).isEqualTo("u1");
        assertThat(uid(check, ISSUER.sign(JsonObject.of("alg", "RS256"), claims("u1"))))
                .isEqualTo("u1");
        refuses(check, Issuer.shared(claims("u1"), "secret".getBytes(StandardCharsets.UTF_8)));
        assertThat(reads).hasValue(1);

        cannotTell(check, OTHER.sign(claims("u2")));
        cannotTell(check, OTHER.sign(claims("u2")));
        assertThat(reads).as("however many tokens name keys that are not known").hasValue(1);
    }

    @Test
    void believes_published_keys_of_either_kind(Vertx vertx) throws Exception {
        Issuer elliptic = Issuer.elliptic("ec");
        JsonObject other = Issuer.elliptic("other").jwk().put("crv", "P-384");
        published = request -> request.response()
                .end(Issuer.set(ISSUER.jwk(), elliptic.jwk(), other).toBuffer());
        JwtCheck check = of(vertx, "client.jwt.jwks", publish(vertx));

        assertThat(uid(check, elliptic.sign(claims("u1")))).isEqualTo("u1");
        assertThat(uid(check, ISSUER.sign(claims("u2")))).isEqualTo("u2");
        refuses(check, changed(elliptic.sign(claims("u1"))));
        refuses(check, Issuer.elliptic("ec").sign(claims("u1")));
        refuses(check, Issuer.shared(claims("u1"), ISSUER.pem().getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void looks_for_a_key_that_it_does_not_know_and_drops_what_is_published_no_more(Vertx vertx) throws Exception {
        String url = publish(vertx);
        JwtCheck check = following(vertx, url);
        assertThat(uid(check, ISSUER.sign(claims("u1")))).isEqualTo("u1");

        published = request -> request.response().end(Issuer.set(OTHER.jwk()).toBuffer());

        assertThat(uid(check, OTHER.sign(claims("u2")))).isEqualTo("u2");
        refuses(check, ISSUER.sign(claims("u1")));
    }

    @Test
    void who_comes_with_a_new_key_while_the_issuer_does_not_answer_is_not_refused_for_good(Vertx vertx)
            throws Exception {
        String url = publish(vertx);
        JwtCheck check = following(vertx, url);
        assertThat(uid(check, ISSUER.sign(claims("u1")))).isEqualTo("u1");

        published = request -> request.response().setStatusCode(500).end();

        cannotTell(check, OTHER.sign(claims("u2")));
        assertThat(uid(check, ISSUER.sign(claims("u1")))).isEqualTo("u1");
        published = request -> request.response().end(Issuer.set(ISSUER.jwk()).toBuffer());
        refuses(check, OTHER.sign(claims("u2")));
    }

    @Test
    void without_any_key_nobody_is_refused_for_good(Vertx vertx) throws Exception {
        for (Consumer<HttpServerRequest> useless : List.<Consumer<HttpServerRequest>>of(
                request -> request.response().setStatusCode(500).end(),
                request -> request.response()
                        .setStatusCode(302)
                        .putHeader("Location", "/")
                        .end(),
                request -> request.response().end("no JSON"),
                request -> request.response().end(Issuer.set().toBuffer()),
                request -> request.response()
                        .end(Issuer.set(new Issuer("small", 1_024).jwk()).toBuffer()),
                request -> request.response().end(" ".repeat(300_000)),
                request -> request.connection().close())) {
            published = useless;
            JwtCheck check = of(vertx, "client.jwt.jwks", publish(vertx));
            cannotTell(check, ISSUER.sign(claims("u1")));
        }
        assertThat(meters.counter("herald.jwks.reads", "result", "failed").count())
                .isEqualTo(7);
    }

    private JwtCheck bySecret(Vertx vertx) {
        return of(vertx, "client.jwt.secret", Issuer.SECRET);
    }

    private String publish(Vertx vertx) throws Exception {
        HttpServer server = vertx.createHttpServer()
                .requestHandler(request -> {
                    reads.incrementAndGet();
                    published.accept(request);
                })
                .listen(0, "127.0.0.1")
                .await(10, TimeUnit.SECONDS);
        return "http://127.0.0.1:" + server.actualPort() + "/keys";
    }

    /** Made and used on a context of its own, as a verticle does. */
    private JwtCheck of(Vertx vertx, String key, String value) {
        var config = ConfigLoader.load(Map.of("client.auth", "jwt", key, value, "client.jwt.issuer", Issuer.NAME));
        return on(vertx, () -> JwtCheck.of(vertx, config.client().jwt(), meters));
    }

    private JwtCheck following(Vertx vertx, String url) {
        Expected expected = new Expected(Optional.of(Issuer.NAME), Optional.empty(), Duration.ZERO);
        return on(
                vertx, () -> new JwtCheck(Jwks.follow(vertx, url, meters, Duration.ZERO), expected, Clock.systemUTC()));
    }

    private static JwtCheck on(Vertx vertx, Supplier<JwtCheck> made) {
        return await(
                Future.future(promise -> vertx.getOrCreateContext().runOnContext(v -> promise.complete(made.get()))));
    }

    private static void cannotTell(JwtCheck check, String token) {
        assertThatThrownBy(() -> uid(check, token)).satisfies(thrown -> assertThat(HeraldException.failureOf(thrown))
                .isEqualTo(Failure.UNAVAILABLE));
    }

    private static String uid(JwtCheck check, String token) {
        return await(check.check(token)).uid();
    }

    private static void refuses(JwtCheck check, String token) {
        assertThatThrownBy(() -> uid(check, token)).satisfies(thrown -> assertThat(HeraldException.failureOf(thrown))
                .isEqualTo(Failure.UNAUTHENTICATED));
    }

    private static <T> T await(Future<T> future) {
        try {
            return future.await(15, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new AssertionError("not in time", e);
        }
    }

    /** The same claims with another uid under the old signature. */
    private static String changed(String token) {
        String[] parts = token.split("\\.");
        String claims = Issuer.unsigned(claims("root"), "x").split("\\.")[1];
        return parts[0] + "." + claims + "." + parts[2];
    }
}
