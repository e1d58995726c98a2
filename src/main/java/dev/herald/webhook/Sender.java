package dev.herald.webhook;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.time.Clock;
import java.time.Duration;

/** Posts signed batches to one endpoint over few, kept connections. */
final class Sender {
    /** Shorter than servers commonly keep theirs (Node.js: 5 s), so that none is closed under a request. */
    private static final int KEEP_ALIVE_SECONDS = 4;

    private final Vertx vertx;
    private final HttpClient client;
    private final EventUrl url;
    private final Signer signer;
    private final Duration timeout;
    private final Clock clock;

    Sender(Vertx vertx, EventUrl url, Signer signer, Duration timeout, int concurrency, Clock clock) {
        this.vertx = vertx;
        this.url = url;
        this.signer = signer;
        this.timeout = timeout;
        this.clock = clock;
        HttpClientOptions options = new HttpClientOptions()
                .setConnectTimeout((int) timeout.toMillis())
                .setKeepAliveTimeout(KEEP_ALIVE_SECONDS);
        PoolOptions pool = new PoolOptions().setHttp1MaxSize(concurrency).setMaxWaitQueueSize(concurrency);
        this.client = vertx.httpClientBuilder().with(options).with(pool).build();
    }

    /**
     * One attempt, from connecting to the last byte of the answer within the timeout.
     *
     * @param abandon cuts the attempt off; the future fails then, and only then
     */
    Future<Outcome> post(String id, String eventType, Buffer body, Future<Void> abandon) {
        RequestOptions options = new RequestOptions().setMethod(HttpMethod.POST).setAbsoluteURI(url.of(eventType));
        options.putHeader("content-type", "application/json").putHeader("webhook-id", id);
        long timestamp = clock.instant().getEpochSecond();
        options.putHeader("webhook-timestamp", Long.toString(timestamp));
        if (signer.signs()) {
            options.putHeader("webhook-signature", signer.sign(id, timestamp, body.getBytes()));
        }
        Attempt attempt = new Attempt(clock);
        long timer = vertx.setTimer(timeout.toMillis(), due -> attempt.timeOut());
        abandon.onSuccess(v -> attempt.abandon());
        attempt.start(client.request(options), body);
        return attempt.outcome().onComplete(done -> vertx.cancelTimer(timer));
    }

    Future<Void> close() {
        return client.close();
    }
}
