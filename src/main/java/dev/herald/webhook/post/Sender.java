package dev.herald.webhook.post;

import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import dev.herald.webhook.lane.Leases.Lease;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.util.List;
import java.util.Map;

/**
 * Posts signed bodies to one endpoint over few, kept connections, each made to an address that was looked at first. TLS
 * is verified against the name; redirects are not followed.
 */
final class Sender {
    /** Shorter than servers commonly keep theirs (Node.js: 5 s), so that none is closed under a request. */
    private static final int KEEP_ALIVE_SECONDS = 4;

    private final Outside outside;
    private final HttpClient client;
    private final EventUrl url;
    private final Signer signer;
    private final Map<String, String> headers;

    /** What all endpoints of a node share on their way out. */
    record Outside(Vertx vertx, Names names, AddressGuard guard, Attempt.Limits limits, Clock clock) {}

    Sender(Outside outside, EventUrl url, Signer signer, Map<String, String> headers, int concurrency) {
        this.outside = outside;
        this.url = url;
        this.signer = signer;
        this.headers = Map.copyOf(headers);
        HttpClientOptions options = new HttpClientOptions()
                .setConnectTimeout((int) outside.limits().connect().toMillis())
                .setKeepAliveTimeout(KEEP_ALIVE_SECONDS);
        PoolOptions pool = new PoolOptions().setHttp1MaxSize(concurrency).setMaxWaitQueueSize(concurrency);
        this.client =
                outside.vertx().httpClientBuilder().with(options).with(pool).build();
    }

    /** @param lease cuts the attempt off when it ends; the future fails then, and only then */
    Future<Outcome> post(String id, String eventType, Buffer body, Lease lease) {
        RequestOptions options = new RequestOptions().setMethod(HttpMethod.POST).setAbsoluteURI(url.of(eventType));
        headers.forEach(options::putHeader);
        options.putHeader("content-type", "application/json").putHeader("webhook-id", id);
        long timestamp = outside.clock().instant().getEpochSecond();
        options.putHeader("webhook-timestamp", Long.toString(timestamp));
        options.putHeader("webhook-signature", signer.sign(id, timestamp, body.getBytes()));
        Attempt attempt = new Attempt(outside.vertx(), outside.clock(), outside.limits(), lease);
        attempt.start(
                outside.names()
                        .resolve(url.host())
                        .map(this::choose)
                        .compose(address -> client.request(options.setServer(
                                SocketAddress.inetSocketAddress(new InetSocketAddress(address, url.port()))))),
                body);
        return attempt.outcome();
    }

    Future<Void> close() {
        return client.close();
    }

    private InetAddress choose(List<InetAddress> found) {
        return found.stream()
                .filter(outside.guard()::allows)
                .findFirst()
                .orElseThrow(() -> new HeraldException(
                        Failure.FORBIDDEN,
                        "address refused: " + found.getFirst().getHostAddress()
                                + " is not in webhook.allowed-networks"));
    }
}
