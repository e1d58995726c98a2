package dev.herald.api.webhook;

import dev.herald.api.http.Fields;
import dev.herald.endpoint.Endpoint;
import dev.herald.endpoint.Endpoint.Format;
import dev.herald.endpoint.Endpoint.Scheme;
import dev.herald.endpoint.Endpoint.Security;
import dev.herald.endpoint.Endpoint.Settings;
import dev.herald.endpoint.OwnHeaders;
import dev.herald.endpoint.SigningSecret;
import dev.herald.endpoint.Vault;
import dev.herald.eventlog.EventType;
import dev.herald.failure.HeraldException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What callers may say of an endpoint. */
final class WebhookFields {
    private static final int MAX_URL = 2_048;
    private static final int MAX_PORT = 65_535;
    private static final int MAX_DESCRIPTION = 255;
    private static final int MAX_EVENTS = 32;
    private static final int MAX_SECRET = 1_024;
    private static final int DEFAULT_BATCH = 100;
    private static final int DEFAULT_DELAY_MS = 200;
    private static final int DEFAULT_CONCURRENCY = 16;
    private static final String ID = "[A-Za-z0-9_-]{1,64}";

    private static final Settings DEFAULTS = new Settings(
            "", "", Format.STANDARD, List.of(), 1, Duration.ofMillis(DEFAULT_DELAY_MS), DEFAULT_CONCURRENCY, 0);

    private WebhookFields() {}

    /**
     * A new endpoint.
     *
     * @param id empty for one that is made up
     */
    record New(
            String id,
            Settings settings,
            Scheme scheme,
            Optional<SigningSecret> secret,
            Optional<JsonObject> headers) {}

    static New create(Fields fields) {
        String id = fields.text("id", 64);
        if (!id.isEmpty() && (!id.matches(ID) || Endpoint.RESERVED.contains(id))) {
            fields.refuse("id", "must be 1 to 64 letters, digits, _ or -, and none of " + Endpoint.RESERVED);
        }
        fields.requiredText("url", MAX_URL);
        Optional<SigningSecret> secret = secret(fields);
        Scheme scheme = scheme(fields).orElse(secret.map(SigningSecret::scheme).orElse(Scheme.V1));
        secret.filter(given -> given.scheme() != scheme)
                .ifPresent(given -> fields.refuse("secret", "is not one for this signature"));
        return new New(id, settings(fields, DEFAULTS), scheme, secret, headers(fields));
    }

    /** Checks a change without what it changes. */
    static JsonObject checked(Fields fields) {
        settings(fields, DEFAULTS);
        headers(fields);
        return fields.json();
    }

    /** What the body does not name stays. */
    static Settings settings(JsonObject body, Settings before) {
        return Fields.read(body, fields -> settings(fields, before));
    }

    private static Settings settings(Fields fields, Settings before) {
        Format format = format(fields).orElse(before.format());
        boolean isNew = before.url().isEmpty();
        int batch = isNew && format == Format.WUKONG ? DEFAULT_BATCH : before.batchSize();
        int maxDelay = (int) Endpoint.MAX_BATCH_DELAY.toMillis();
        return new Settings(
                fields.has("url") ? url(fields) : before.url(),
                fields.has("description") ? fields.text("description", MAX_DESCRIPTION) : before.description(),
                format,
                fields.has("events") ? events(fields) : before.events(),
                fields.integer("batch_size", 1, Endpoint.MAX_BATCH, batch),
                Duration.ofMillis(fields.integer(
                        "batch_delay_ms", 0, maxDelay, (int) before.batchDelay().toMillis())),
                fields.integer("concurrency", 1, Endpoint.MAX_CONCURRENCY, before.concurrency()),
                fields.integer("rate", 0, Endpoint.MAX_RATE, before.rate()));
    }

    static Optional<SigningSecret> secret(Fields fields) {
        if (!fields.has("secret")) {
            return Optional.empty();
        }
        try {
            return Optional.of(new SigningSecret(fields.text("secret", MAX_SECRET)));
        } catch (HeraldException e) {
            fields.refuse("secret", "must be base64 of 24 to 64 bytes after an optional whsec_");
            return Optional.empty();
        }
    }

    static Optional<Scheme> scheme(Fields fields) {
        return choice(fields, "signature", Scheme.values());
    }

    /** Empty if absent. */
    static String eventType(Fields fields, String name) {
        String type = fields.text(name, MAX_DESCRIPTION);
        if (!type.isEmpty() && !EventType.ofOutside().contains(type)) {
            fields.refuse(name, "must be one of " + String.join(", ", EventType.ofOutside()));
        }
        return type;
    }

    /** The same with other headers, if there are any. */
    static Security headers(Security before, Optional<JsonObject> headers, Vault vault, String endpoint) {
        return headers.map(given -> new Security(
                        before.scheme(),
                        before.publicKeys(),
                        OwnHeaders.names(given),
                        before.secrets(),
                        given.isEmpty() ? null : vault.seal(endpoint, given.encode())))
                .orElse(before);
    }

    private static Optional<Format> format(Fields fields) {
        return choice(fields, "format", Format.values());
    }

    private static <E extends Enum<E>> Optional<E> choice(Fields fields, String name, E[] choices) {
        String text = fields.text(name, MAX_DESCRIPTION);
        for (E choice : choices) {
            if (choice.name().toLowerCase(Locale.ROOT).equals(text)) {
                return Optional.of(choice);
            }
        }
        if (fields.has(name)) {
            fields.refuse(name, "must be one of " + List.of(choices).toString().toLowerCase(Locale.ROOT));
        }
        return Optional.empty();
    }

    private static String url(Fields fields) {
        String text = fields.text("url", MAX_URL);
        try {
            URI url = new URI(text);
            boolean web = "http".equals(url.getScheme()) || "https".equals(url.getScheme());
            if (web && url.getHost() != null && url.getUserInfo() == null && url.getPort() <= MAX_PORT) {
                return text;
            }
        } catch (URISyntaxException e) {
            fields.refuse("url", "is no URL");
            return text;
        }
        fields.refuse("url", "must be http or https with a host, without a user");
        return text;
    }

    private static List<String> events(Fields fields) {
        List<String> names = new ArrayList<>();
        if (!(fields.raw("events") instanceof JsonArray array) || array.size() > MAX_EVENTS) {
            fields.refuse("events", "must be an array of at most " + MAX_EVENTS + " names");
            return names;
        }
        for (int i = 0; i < array.size(); i++) {
            if (array.getValue(i) instanceof String name && EventType.isKnown(name)) {
                names.add(name);
            } else {
                fields.refuse(
                        "events[" + i + "]", "must be, or match with an ending *, one of " + EventType.ofOutside());
            }
        }
        return names;
    }

    private static Optional<JsonObject> headers(Fields fields) {
        Optional<JsonObject> headers = fields.objectIfGiven("headers");
        headers.ifPresent(given -> {
            if (given.size() > OwnHeaders.MOST) {
                fields.refuse("headers", "must not be more than " + OwnHeaders.MOST);
            }
            given.forEach(header -> {
                String problem = OwnHeaders.problem(header.getKey(), header.getValue());
                if (!problem.isEmpty()) {
                    fields.refuse("headers." + header.getKey(), problem);
                }
            });
        });
        return headers;
    }
}
