package dev.herald.webhook;

import dev.herald.failure.HeraldException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/** The endpoint's URL, to which each request adds the name of its event. */
final class EventUrl {
    private final String prefix;

    /** @throws HeraldException unless it is an http or https URL with a host */
    EventUrl(String url) {
        URI uri = parse(url);
        String query = uri.getRawQuery();
        String bare = uri.getScheme() + "://" + uri.getRawAuthority()
                + (uri.getRawPath().isEmpty() ? "/" : uri.getRawPath());
        this.prefix = bare + (query == null || query.isEmpty() ? "?event=" : "?" + query + "&event=");
    }

    String of(String eventType) {
        return prefix + URLEncoder.encode(eventType, StandardCharsets.UTF_8);
    }

    private static URI parse(String url) {
        try {
            URI uri = URI.create(url);
            if (uri.getHost() != null && ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))) {
                return uri;
            }
        } catch (IllegalArgumentException e) {
            throw HeraldException.invalid("webhook.url", "is no URL");
        }
        throw HeraldException.invalid("webhook.url", "must be an http or https URL");
    }
}
