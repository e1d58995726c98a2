package dev.herald.endpoint;

import dev.herald.endpoint.Endpoint.Scheme;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What an endpoint's requests are signed with, at least one, newest first; a rotation keeps the one before for a while. */
public record Secrets(List<Kept> kept) {
    private static final int MOST = 2;

    public Secrets {
        kept = List.copyOf(kept);
    }

    /** @param until null as long as nothing takes its place */
    public record Kept(SigningSecret secret, @Nullable Instant until) {}

    public static Secrets of(SigningSecret secret) {
        return new Secrets(List.of(new Kept(secret, null)));
    }

    /** Of the newest. */
    public Scheme scheme() {
        return kept.getFirst().secret().scheme();
    }

    /** Of those of scheme v1a. */
    public List<String> publicKeys() {
        return kept.stream()
                .map(Kept::secret)
                .filter(secret -> secret.scheme() == Scheme.V1A)
                .map(SigningSecret::publicKey)
                .toList();
    }

    /** The same with a new secret in front; what was in front goes on until then. */
    public Secrets rotate(SigningSecret next, Instant oldUntil) {
        List<Kept> after = new ArrayList<>(List.of(new Kept(next, null)));
        kept.stream()
                .limit(MOST - 1L)
                .map(old -> new Kept(old.secret(), oldUntil))
                .forEach(after::add);
        return new Secrets(after);
    }

    public List<SigningSecret> inForce(Instant now) {
        return kept.stream()
                .filter(each -> each.until() == null || each.until().isAfter(now))
                .map(Kept::secret)
                .toList();
    }

    public Buffer seal(Vault vault, String endpoint) {
        JsonArray json = new JsonArray();
        kept.forEach(each -> json.add(JsonObject.of(
                "secret",
                each.secret().text(),
                "until",
                each.until() == null ? null : each.until().toString())));
        return vault.seal(endpoint, json.encode());
    }

    public static Secrets unseal(Vault vault, String endpoint, Buffer sealed) {
        JsonArray json = new JsonArray(vault.unseal(endpoint, sealed));
        return new Secrets(json.stream()
                .map(JsonObject.class::cast)
                .map(each -> new Kept(
                        new SigningSecret(Objects.requireNonNull(each.getString("secret"))),
                        each.getString("until") == null ? null : Instant.parse(each.getString("until"))))
                .toList());
    }
}
