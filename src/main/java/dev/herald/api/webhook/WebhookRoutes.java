package dev.herald.api.webhook;

import dev.herald.api.http.Call;
import dev.herald.api.http.Reply;
import dev.herald.api.http.Routes;
import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.message.Done;
import dev.herald.bus.message.WebhookMessage.FireTest;
import dev.herald.endpoint.Endpoint;
import dev.herald.endpoint.Endpoint.Security;
import dev.herald.endpoint.Endpoint.State;
import dev.herald.endpoint.Endpoints;
import dev.herald.endpoint.Endpoints.Edit;
import dev.herald.endpoint.LazyVault;
import dev.herald.endpoint.SigningSecret;
import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import dev.herald.postgres.PgClients;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Beyond WuKongIM: the endpoints that events are posted to. */
final class WebhookRoutes {
    private static final int MAX_OVERLAP_SECONDS = 604_800;
    private static final int DEFAULT_OVERLAP_SECONDS = 86_400;

    private final Bus bus;
    private final Endpoints endpoints;
    private final WebhookSecrets secrets;
    private final boolean secretIsConfigured;

    /** @param secretIsConfigured whether the configuration gives the secret of its endpoint */
    WebhookRoutes(LazyVault vault, Bus bus, PgClients pg, boolean secretIsConfigured) {
        this.bus = bus;
        this.secretIsConfigured = secretIsConfigured;
        this.endpoints = new Endpoints(pg);
        this.secrets = new WebhookSecrets(vault);
    }

    void mount(Routes routes) {
        routes.sealing("/webhooks", this::create, secrets::unsealed);
        routes.get("/webhooks", this::list);
        routes.get("/webhooks/:id", this::read);
        routes.patch("/webhooks/:id", this::update);
        routes.delete("/webhooks/:id", this::delete);
        routes.post("/webhooks/:id/pause", call -> state(call, State.PAUSED));
        routes.post("/webhooks/:id/resume", call -> state(call, State.ACTIVE));
        routes.sealing("/webhooks/:id/rotate", this::rotate, secrets::unsealed);
        routes.post("/webhooks/:id/test", this::test);
    }

    private Future<Reply> create(Call call) {
        WebhookFields.New wanted = call.read(WebhookFields::create);
        String id = wanted.id().isEmpty() ? "wh_" + call.number() : wanted.id();
        SigningSecret secret = wanted.secret().orElseGet(() -> SigningSecret.generate(wanted.scheme()));
        return secrets.open().compose(vault -> {
            Security security = WebhookSecrets.security(secret, wanted.headers(), vault, id);
            return endpoints
                    .create(
                            id,
                            wanted.settings(),
                            security,
                            (tx, endpoint) ->
                                    call.noted(tx, WebhookSecrets.sealed(WebhookJson.of(endpoint), secret, id, vault)))
                    .onSuccess(created -> changed());
        });
    }

    private Future<Reply> list(Call call) {
        return endpoints.all().map(all -> {
            List<Endpoint> shown = all.stream().filter(WebhookRoutes::isShown).toList();
            return Reply.data(JsonObject.of("webhooks", Reply.array(shown, WebhookJson::of)));
        });
    }

    private Future<Reply> read(Call call) {
        return endpoint(call).map(endpoint -> Reply.data(WebhookJson.of(endpoint)));
    }

    private Future<Reply> update(Call call) {
        WebhookFields.Change wanted = call.read(WebhookFields.Change::read);
        return secrets.open()
                .compose(vault -> change(call, endpoint -> {
                    refuseConfigured(endpoint);
                    return new Edit(
                            wanted.settings().apply(endpoint.settings()),
                            WebhookSecrets.withHeaders(endpoint.security(), wanted.headers(), vault, endpoint.id()),
                            endpoint.state(),
                            endpoint.stateReason());
                }));
    }

    private Future<Reply> delete(Call call) {
        return endpoint(call)
                .compose(endpoint -> {
                    refuseConfigured(endpoint);
                    return endpoints.delete(endpoint.id(), tx -> call.noted(tx, Reply.ok()));
                })
                .onSuccess(deleted -> changed());
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
        return secrets.open().compose(vault -> endpoint(call).compose(found -> {
            SigningSecret next = rotation.secret.orElseGet(() -> SigningSecret.generate(
                    rotation.scheme.orElse(found.security().scheme())));
            return change(
                    call,
                    endpoint -> {
                        if (secretIsConfigured) {
                            refuseConfigured(endpoint);
                        }
                        return WebhookSecrets.rotated(endpoint, next, oldUntil, vault);
                    },
                    endpoint -> WebhookSecrets.sealed(
                            WebhookJson.of(endpoint).put("old_valid_until", oldUntil.toString()),
                            next,
                            found.id(),
                            vault));
        }));
    }

    private Future<Reply> test(Call call) {
        String type = call.read(fields -> WebhookFields.eventType(fields, "type"));
        return endpoint(call)
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
        return change(call, edit, endpoint -> Reply.data(WebhookJson.of(endpoint)));
    }

    private Future<Reply> change(Call call, Function<Endpoint, Edit> edit, Function<Endpoint, Reply> form) {
        return endpoint(call)
                .compose(found ->
                        endpoints.change(found.id(), edit, (tx, endpoint) -> call.noted(tx, form.apply(endpoint))))
                .onSuccess(reply -> changed());
    }

    /** The one that the path names; fails with NOT_FOUND. */
    private Future<Endpoint> endpoint(Call call) {
        return reader(endpoints, call)
                .map(found -> Optional.of(found).filter(WebhookRoutes::isShown).orElseThrow(WebhookRoutes::unknown));
    }

    /** The same, or what tells of offline receivers: it can have dead letters, too. */
    static Future<Endpoint> reader(Endpoints endpoints, Call call) {
        return endpoints
                .find(call.part("id"))
                .map(found -> found.filter(it -> !it.id().equals(Endpoint.PULL)).orElseThrow(WebhookRoutes::unknown));
    }

    private static HeraldException unknown() {
        return new HeraldException(Failure.NOT_FOUND, "no such webhook");
    }

    private static boolean isShown(Endpoint endpoint) {
        return endpoint.id().equals(Endpoint.CONFIGURED) || !Endpoint.RESERVED.contains(endpoint.id());
    }

    private static void refuseConfigured(Endpoint endpoint) {
        if (endpoint.id().equals(Endpoint.CONFIGURED)) {
            throw new HeraldException(Failure.CONFLICT, "this webhook is given by the configuration");
        }
    }

    private void changed() {
        bus.publish(Addresses.WEBHOOKS_CHANGED, Done.DONE);
    }
}
