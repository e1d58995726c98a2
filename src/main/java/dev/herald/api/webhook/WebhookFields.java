package dev.herald.api.webhook;

import dev.herald.api.http.Fields;
import dev.herald.endpoint.Endpoint;
import dev.herald.endpoint.Endpoint.Format;
import dev.herald.endpoint.Endpoint.Scheme;
import dev.herald.endpoint.Endpoint.Settings;
import dev.herald.endpoint.OwnHeaders;
import dev.herald.endpoint.SigningSecret;
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
import java.util.OptionalInt;
import java.util.function.UnaryOperator;

/** What callers may say of an endpoint. */
final class WebhookFields {
    private static final int MAX_URL = 2_048;
    private static final int MAX_PORT = 65_535;
    private static final int MAX_DESCRIPTION = 255;
    private static final int MAX_EVENTS = 32;
    private static final int MAX_SECRET = 1_024;
    private static final int WUKONG_BATCH = 100;
    private static final String ID = "[A-Za-z0-9_-]{1,64}";

    /** Of a new endpoint; one of WuKongIM's format has larger batches. */
    private static final Settings DEFAULTS =
            new Settings("", "", Format.STANDARD, List.of(), 1, Duration.ofMillis(200), 16, 0);

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
        return new New(id, settings(fields).apply(DEFAULTS), scheme, secret, headers(fields));
    }

    /**
     * What is to be other than before.
     *
     * @param settings with what the body does not name as it was
     */
    record Change(UnaryOperator<Settings> settings, Optional<JsonObject> headers) {
        static Change read(Fields fields) {
            return new Change(WebhookFields.settings(fields), WebhookFields.headers(fields));
        }
    }

    private static UnaryOperator<Settings> settings(Fields fields) {
        Optional<Format> format = choice(fields, "format", Format.values());
        Optional<String> url = fields.ifGiven("url", name -> url(fields));
        Optional<String> description = fields.ifGiven("description", name -> fields.text(name, MAX_DESCRIPTION));
        Optional<List<String>> events = fields.ifGiven("events", name -> events(fields));
        OptionalInt batch = fields.integerIfGiven("batch_size", 1, Endpoint.MAX_BATCH);
        OptionalInt delay = fields.integerIfGiven("batch_delay_ms", 0, (int) Endpoint.MAX_BATCH_DELAY.toMillis());
        OptionalInt concurrency = fields.integerIfGiven("concurrency", 1, Endpoint.MAX_CONCURRENCY);
        OptionalInt rate = fields.integerIfGiven("rate", 0, Endpoint.MAX_RATE);
        boolean isWukong = format.equals(Optional.of(Format.WUKONG));
        return before -> new Settings(
                url.orElse(before.url()),
                description.orElse(before.description()),
                format.orElse(before.format()),
                events.orElse(before.events()),
                batch.orElse(isWukong && before.equals(DEFAULTS) ? WUKONG_BATCH : before.batchSize()),
                delay.isPresent() ? Duration.ofMillis(delay.getAsInt()) : before.batchDelay(),
                concurrency.orElse(before.concurrency()),
                rate.orElse(before.rate()));
    }

    static Optional<SigningSecret> secret(Fields fields) {
        try {
            return fields.ifGiven("secret", name -> new SigningSecret(fields.text(name, MAX_SECRET)));
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
