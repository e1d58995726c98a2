package dev.herald.api.webhook;

import dev.herald.api.http.Reply;
import dev.herald.endpoint.Endpoint;
import dev.herald.endpoint.Endpoint.Security;
import dev.herald.endpoint.Endpoints.Edit;
import dev.herald.endpoint.LazyVault;
import dev.herald.endpoint.OwnHeaders;
import dev.herald.endpoint.Secrets;
import dev.herald.endpoint.SigningSecret;
import dev.herald.endpoint.Vault;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The secrets of endpoints on their way in and out. One is shown in the answer that made it, and in the repeats of that; in
 * between it is kept sealed only.
 */
final class WebhookSecrets {
    private static final String FIELD = "secret";

    private final LazyVault vault;

    WebhookSecrets(LazyVault vault) {
        this.vault = vault;
    }

    Future<Vault> open() {
        return vault.open();
    }

    /** Of a new endpoint. */
    static Security security(SigningSecret secret, Optional<JsonObject> headers, Vault vault, String endpoint) {
        Secrets secrets = Secrets.of(secret);
        Security signing =
                new Security(secret.scheme(), secrets.publicKeys(), List.of(), secrets.seal(vault, endpoint), null);
        return withHeaders(signing, headers, vault, endpoint);
    }

    /** The same with other headers, if there are any. */
    static Security withHeaders(Security before, Optional<JsonObject> headers, Vault vault, String endpoint) {
        return headers.map(given -> new Security(
                        before.scheme(),
                        before.publicKeys(),
                        OwnHeaders.names(given),
                        before.secrets(),
                        given.isEmpty() ? null : vault.seal(endpoint, given.encode())))
                .orElse(before);
    }

    /** What was in front is good until then, unless this node cannot read it. */
    static Edit rotated(Endpoint endpoint, SigningSecret next, Instant oldUntil, Vault vault) {
        Security now = endpoint.security();
        Secrets kept = now.secrets() == null || !vault.holds(now.secrets())
                ? Secrets.of(next)
                : Secrets.unseal(vault, endpoint.id(), now.secrets()).rotate(next, oldUntil);
        Security after = new Security(
                next.scheme(), kept.publicKeys(), now.headerNames(), kept.seal(vault, endpoint.id()), now.headers());
        return new Edit(endpoint.settings(), after, endpoint.state(), endpoint.stateReason());
    }

    /** The answer as it is kept. */
    static Reply sealed(JsonObject data, SigningSecret secret, String endpoint, Vault vault) {
        return Reply.data(data.put(FIELD, sealed(secret, endpoint, vault)));
    }

    /** The answer as it is given. */
    Future<Reply> unsealed(Reply reply) {
        JsonObject body = reply.body().toJsonObject();
        JsonObject data = body.getJsonObject("data");
        String sealed = data == null ? null : data.getString(FIELD);
        if (data == null || sealed == null) {
            return Future.succeededFuture(reply);
        }
        return vault.open().map(open -> {
            Buffer content = Buffer.buffer(Base64.getDecoder().decode(sealed));
            data.put(FIELD, open.unseal(Objects.requireNonNull(data.getString("id")), content));
            return new Reply(reply.httpStatus(), body.toBuffer(), reply.headers());
        });
    }

    /** A private key is of no use to a receiver. */
    private static @Nullable String sealed(SigningSecret secret, String endpoint, Vault vault) {
        return secret.scheme() == Endpoint.Scheme.V1A
                ? null
                : Base64.getEncoder()
                        .encodeToString(vault.seal(endpoint, secret.text()).getBytes());
    }
}
