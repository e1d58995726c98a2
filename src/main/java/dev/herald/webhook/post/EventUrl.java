package dev.herald.webhook.post;

import dev.herald.endpoint.Endpoint.Format;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/** An endpoint's URL, to which requests in WuKongIM's form add the name of their event. */
final class EventUrl {
    private static final int HTTP_PORT = 80;
    private static final int HTTPS_PORT = 443;

    private final URI uri;
    private final String bare;
    private final boolean named;

    /** @param url of http or https, with a host */
    EventUrl(String url, Format format) {
        this.uri = URI.create(url);
        String query = uri.getRawQuery();
        String path = uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
        String whole = uri.getScheme() + "://" + authority() + path;
        this.named = format == Format.WUKONG;
        if (query == null || query.isEmpty()) {
            this.bare = named ? whole + "?event=" : whole;
        } else {
            this.bare = whole + "?" + query + (named ? "&event=" : "");
        }
    }

    String of(String eventType) {
        return named ? bare + URLEncoder.encode(eventType, StandardCharsets.UTF_8) : bare;
    }

    /** A name or an address, the latter of IPv6 without brackets. */
    String host() {
        String host = uri.getHost();
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    int port() {
        if (uri.getPort() >= 0) {
            return uri.getPort();
        }
        return "https".equals(uri.getScheme()) ? HTTPS_PORT : HTTP_PORT;
    }

    private String authority() {
        return uri.getPort() < 0 ? uri.getHost() : uri.getHost() + ":" + uri.getPort();
    }
}
