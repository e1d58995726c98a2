package dev.herald.api;

import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.message.Done;
import dev.herald.bus.message.WebhookMessage.FireTest;
import dev.herald.config.HeraldConfig;
import dev.herald.endpoint.Endpoint;
import dev.herald.endpoint.Endpoint.Security;
import dev.herald.endpoint.Endpoint.State;
import dev.herald.endpoint.Endpoints;
import dev.herald.endpoint.Endpoints.Edit;
import dev.herald.endpoint.Secrets;
import dev.herald.endpoint.SigningSecret;
import dev.herald.endpoint.Vault;
import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import dev.herald.postgres.PgClients;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Beyond WuKongIM: the endpoints that events are posted to. Answers that show a secret are given once and kept nowhere, so
 * these routes know no Idempotency-Key; an id of the caller's choice does the same for a creation.
 */
final class WebhookRoutes {
    private static final int MAX_OVERLAP_SECONDS = 604_800;
    private static final int DEFAULT_OVERLAP_SECONDS = 86_400;
    private static final String SECRET = "secret";

    private final Vertx vertx;
    private final HeraldConfig config;
    private final Bus bus;
    private final Endpoints endpoints;
    private @Nullable Future<Vault> vault;

    WebhookRoutes(Vertx vertx, HeraldConfig config, Bus bus, PgClients pg) {
        this.vertx = vertx;
        this.config = config;
        this.bus = bus;
        this.endpoints = new Endpoints(pg);
    }

    void mount(Router router, Calls calls) {
        router.get("/webhooks/schemas").handler(calls.asking(EventSchemas::list));
        router.get("/webhooks/schemas/:type").handler(calls.asking(EventSchemas::one));
        router.post("/webhooks").handler(calls.sealing(this::create, this::unsealed));
        router.get("/webhooks").handler(calls.asking(this::list));
        router.get("/webhooks/:id").handler(calls.asking(this::read));
        router.patch("/webhooks/:id").handler(calls.of(this::update));
        router.delete("/webhooks/:id").handler(calls.of(this::delete));
        router.post("/webhooks/:id/pause").handler(calls.of(call -> state(call, State.PAUSED)));
        router.post("/webhooks/:id/resume").handler(calls.of(call -> state(call, State.ACTIVE)));
        router.post("/webhooks/:id/rotate").handler(calls.sealing(this::rotate, this::unsealed));
        router.post("/webhooks/:id/test").handler(calls.of(this::test));
    }

    private Future<Reply> create(Call call) {
        WebhookFields.New wanted = call.read(WebhookFields::create);
        String id = wanted.id().isEmpty() ? "wh_" + call.number() : wanted.id();
        SigningSecret secret = wanted.secret().orElseGet(() -> SigningSecret.generate(wanted.scheme()));
        return vault().compose(open -> {
            Security security = WebhookFields.headers(
                    new Security(
                            secret.scheme(),
                            publicKeys(Secrets.of(secret)),
                            List.of(),
                            Secrets.of(secret).seal(open, id),
                            null),
                    wanted.headers(),
                    open,
                    id);
            return endpoints.create(id, wanted.settings(), security).map(endpoint -> {
                changed();
                return Reply.data(WebhookJson.of(endpoint).put(SECRET, sealed(secret, id, open)));
            });
        });
    }

    private Future<Reply> list(Call call) {
        return endpoints.all().map(all -> {
            JsonArray shown = new JsonArray();
            all.stream().filter(WebhookRoutes::isShown).forEach(endpoint -> shown.add(WebhookJson.of(endpoint)));
            return Reply.data(JsonObject.of("webhooks", shown));
        });
    }

    private Future<Reply> read(Call call) {
        return endpoint(endpoints, call).map(endpoint -> Reply.data(WebhookJson.of(endpoint)));
    }

    private Future<Reply> update(Call call) {
        JsonObject body = call.read(WebhookFields::checked);
        return vault().compose(open -> change(call, endpoint -> {
            refuseConfigured(endpoint);
            return new Edit(
                    WebhookFields.settings(body, endpoint.settings()),
                    WebhookFields.headers(
                            endpoint.security(),
                            Optional.ofNullable(body.getJsonObject("headers")),
                            open,
                            endpoint.id()),
                    endpoint.state(),
                    endpoint.stateReason());
        }));
    }

    private Future<Reply> delete(Call call) {
        return endpoint(endpoints, call)
                .compose(endpoint -> {
                    refuseConfigured(endpoint);
                    return endpoints.delete(endpoint.id());
                })
                .map(v -> {
                    changed();
                    return Reply.ok();
                });
    }

    private Future<Reply> state(Call call, State state) {
        return change(call, endpoint -> {
            if (endpoint.state() == State.ABSENT) {
                throw new HeraldException(Failure.CONFLICT, "the configuration does not name it any more");
            }
            return Edit.of(endpoint, state, state == State.PAUSED ? "asked for" : "");
        });
    }

    private Future<Reply> rotate(Call call) {
        record Rotation(Optional<SigningSecret> secret, Optional<Endpoint.Scheme> scheme, int overlapSeconds) {}
        Rotation rotation = call.read(fields -> new Rotation(
                WebhookFields.secret(fields),
                WebhookFields.scheme(fields),
                fields.integer("overlap_seconds", 0, MAX_OVERLAP_SECONDS, DEFAULT_OVERLAP_SECONDS)));
        Instant oldUntil = Instant.now().plusSeconds(rotation.overlapSeconds);
        return vault().compose(open -> endpoint(endpoints, call).compose(found -> {
            SigningSecret next = rotation.secret.orElseGet(() -> SigningSecret.generate(
                    rotation.scheme.orElse(found.security().scheme())));
            return change(call, endpoint -> {
                        refuseConfigured(endpoint);
                        return rotated(endpoint, next, oldUntil, open);
                    })
                    .map(reply -> Reply.data(reply.body()
                            .toJsonObject()
                            .getJsonObject("data")
                            .put(SECRET, sealed(next, found.id(), open))
                            .put("old_valid_until", oldUntil.toString())));
        }));
    }

    private static Edit rotated(Endpoint endpoint, SigningSecret next, Instant oldUntil, Vault vault) {
        Security now = endpoint.security();
        Secrets kept = now.secrets() == null
                ? Secrets.of(next)
                : Secrets.unseal(vault, endpoint.id(), now.secrets()).rotate(next, oldUntil);
        Security after = new Security(
                next.scheme(), publicKeys(kept), now.headerNames(), kept.seal(vault, endpoint.id()), now.headers());
        return new Edit(endpoint.settings(), after, endpoint.state(), endpoint.stateReason());
    }

    private Future<Reply> test(Call call) {
        String type = call.read(fields -> WebhookFields.eventType(fields, "type"));
        return endpoint(endpoints, call)
                .compose(endpoint -> bus.request(
                        Addresses.WEBHOOK_TEST,
                        new FireTest(
                                endpoint.id(),
                                type.isEmpty() ? endpoint.settings().types().getFirst() : type)))
                .map(fired -> Reply.data(JsonObject.of(
                        "request", fired.request(),
                        "delivered", fired.delivered(),
                        "status", fired.status(),
                        "latency_ms", fired.latencyMillis(),
                        "answer", fired.answer())));
    }

    private Future<Reply> change(Call call, Function<Endpoint, Edit> edit) {
        return endpoint(endpoints, call)
                .compose(found -> endpoints.change(found.id(), edit))
                .map(endpoint -> {
                    changed();
                    return Reply.data(WebhookJson.of(endpoint));
                });
    }

    /** The one that the path names; fails with NOT_FOUND. */
    static Future<Endpoint> endpoint(Endpoints endpoints, Call call) {
        return endpoints.find(call.part("id")).map(found -> found.filter(WebhookRoutes::isShown)
                .orElseThrow(() -> new HeraldException(Failure.NOT_FOUND, "no such webhook")));
    }

    private static boolean isShown(Endpoint endpoint) {
        return endpoint.id().equals(Endpoint.CONFIGURED) || !Endpoint.RESERVED.contains(endpoint.id());
    }

    private static void refuseConfigured(Endpoint endpoint) {
        if (endpoint.id().equals(Endpoint.CONFIGURED)) {
            throw new HeraldException(Failure.CONFLICT, "this webhook is given by the configuration");
        }
    }

    private static List<String> publicKeys(Secrets secrets) {
        return secrets.kept().stream()
                .map(Secrets.Kept::secret)
                .filter(secret -> secret.scheme() == Endpoint.Scheme.V1A)
                .map(SigningSecret::publicKey)
                .toList();
    }

    /** A private key is of no use to a receiver. */
    private static @Nullable String sealed(SigningSecret secret, String id, Vault vault) {
        return secret.scheme() == Endpoint.Scheme.V1A
                ? null
                : Base64.getEncoder()
                        .encodeToString(vault.seal(id, secret.text()).getBytes());
    }

    /** The answer as it is given: only its sealed form may be kept. */
    private Future<Reply> unsealed(Reply reply) {
        JsonObject body = reply.body().toJsonObject();
        JsonObject data = body.getJsonObject("data");
        String sealed = data == null ? null : data.getString(SECRET);
        if (data == null || sealed == null) {
            return Future.succeededFuture(reply);
        }
        return vault().map(open -> {
            Buffer content = Buffer.buffer(Base64.getDecoder().decode(sealed));
            data.put(SECRET, open.unseal(Objects.requireNonNull(data.getString("id")), content));
            return new Reply(reply.httpStatus(), body.toBuffer(), reply.headers());
        });
    }

    private void changed() {
        bus.tell(Addresses.WEBHOOKS_CHANGED, Done.DONE);
    }

    private Future<Vault> vault() {
        if (vault == null || vault.failed()) {
            vault = vertx.executeBlocking(() -> Vault.open(config)).map(open -> Objects.requireNonNull(open));
        }
        return vault;
    }
}
