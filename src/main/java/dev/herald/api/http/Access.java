package dev.herald.api.http;

import dev.herald.config.OwnMachine;
import dev.herald.config.Secret;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Who may call: whoever shows the token, from any web page; without a token whoever works on this machine. A browser's
 * preflight cannot show it and needs not.
 */
final class Access implements Handler<RoutingContext> {
    /** Chosen by the caller or made here; stands in the answer and in what is logged of a failure. */
    static final String REQUEST_ID = "X-Request-Id";

    private static final int MAX_REQUEST_ID = 64;

    private final Optional<byte[]> token;

    Access(Optional<Secret> token) {
        this.token = token.map(Secret::value).filter(value -> !value.isEmpty()).map(Access::bytes);
    }

    @Override
    public void handle(RoutingContext context) {
        context.response()
                .putHeader(REQUEST_ID, requestId(context.request().getHeader(REQUEST_ID)))
                .putHeader("Access-Control-Allow-Origin", "*")
                .putHeader("Access-Control-Expose-Headers", "ETag, Retry-After, Idempotency-Replayed, " + REQUEST_ID);
        if (context.request().method().equals(HttpMethod.OPTIONS)) {
            context.response()
                    .putHeader("Access-Control-Allow-Methods", "GET, POST, PUT, PATCH, DELETE, OPTIONS")
                    .putHeader(
                            "Access-Control-Allow-Headers",
                            "Content-Type, token, If-Match, If-None-Match, Idempotency-Key, " + REQUEST_ID)
                    .putHeader("Access-Control-Max-Age", "86400")
                    .setStatusCode(204)
                    .end();
        } else if (token.isEmpty()
                && !OwnMachine.asks(
                        context.request().authority(), context.request().getHeader("Origin"))) {
            context.fail(403);
        } else if (isProved(Objects.requireNonNullElse(context.request().getHeader("token"), ""))) {
            context.next();
        } else {
            context.response().setStatusCode(401).end();
        }
    }

    /** Of a request that came through here. */
    static String requestId(HttpServerRequest request) {
        return String.valueOf(request.response().headers().get(REQUEST_ID));
    }

    private static String requestId(@Nullable String given) {
        return given == null || given.length() > MAX_REQUEST_ID || !given.matches("[!-~]+")
                ? UUID.randomUUID().toString()
                : given;
    }

    private boolean isProved(String shown) {
        return token.isEmpty() || MessageDigest.isEqual(token.get(), bytes(shown));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
