package dev.herald.it;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The way of webhooks to a back end: requests get lost on it, come twice, or come and their answers get lost. In a storm
 * each of it happens, in whatever order.
 */
final class BadWay {
    private final HttpServer server;
    private final HttpClient client;
    private final int to;
    private final Random random = Chance.random();
    private final Deque<Luck> deck = new ArrayDeque<>();
    private final AtomicInteger repeats = new AtomicInteger();
    private volatile Weather weather = Weather.CALM;

    private enum Luck {
        FAILED,
        LOST,
        ANSWER_LOST,
        TWICE,
        GOOD
    }

    enum Weather {
        CALM,
        STORM,
        CLOSED
    }

    /** @param to a port of this machine */
    BadWay(Vertx vertx, int to) {
        this.to = to;
        this.client = vertx.createHttpClient();
        this.server =
                Sql.await(vertx.createHttpServer().requestHandler(this::take).listen(0, "127.0.0.1"));
    }

    String url() {
        return "http://127.0.0.1:" + server.actualPort() + "/herald";
    }

    void weather(Weather now) {
        weather = now;
    }

    /** Requests that were taken and will come again. */
    int repeats() {
        return repeats.get();
    }

    private void take(HttpServerRequest request) {
        request.body().onSuccess(body -> {
            switch (weather) {
                case CALM -> pass(request, body);
                case CLOSED -> request.connection().close();
                case STORM -> storm(request, body);
            }
        });
    }

    private void storm(HttpServerRequest request, Buffer body) {
        switch (luck()) {
            case FAILED -> request.response().setStatusCode(500).end();
            case LOST -> request.connection().close();
            case ANSWER_LOST -> {
                repeats.incrementAndGet();
                forward(request, body).onComplete(done -> request.connection().close());
            }
            case TWICE -> {
                repeats.incrementAndGet();
                forward(request, body).onComplete(done -> pass(request, body));
            }
            case GOOD -> pass(request, body);
        }
    }

    private synchronized Luck luck() {
        if (deck.isEmpty()) {
            List<Luck> all = new ArrayList<>(List.of(Luck.values()));
            Collections.shuffle(all, random);
            deck.addAll(all);
        }
        return deck.remove();
    }

    private void pass(HttpServerRequest request, Buffer body) {
        forward(request, body)
                .onSuccess(status -> request.response().setStatusCode(status).end())
                .onFailure(cause -> request.response().setStatusCode(502).end());
    }

    private Future<Integer> forward(HttpServerRequest request, Buffer body) {
        return client.request(HttpMethod.POST, to, "127.0.0.1", request.uri())
                .compose(forward -> {
                    request.headers().names().stream()
                            .filter(name -> name.toLowerCase().startsWith("webhook-"))
                            .forEach(name -> forward.putHeader(name, request.getHeader(name)));
                    return forward.send(body);
                })
                .compose(response -> response.body().map(read -> response.statusCode()));
    }
}
