package dev.herald.it;

import com.standardwebhooks.Webhook;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Collectors;

/** A back end's webhook: it checks every signature with the receivers' own library, then answers as it is told to. */
public final class Receiver {
    public static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    private final Vertx vertx;
    private final HttpServer server;
    private final List<Arrival> arrivals = new CopyOnWriteArrayList<>();
    private final List<Arrival> taken = new CopyOnWriteArrayList<>();
    private final List<String> badSignatures = new CopyOnWriteArrayList<>();
    private final AtomicInteger underWay = new AtomicInteger();
    private final AtomicInteger mostUnderWay = new AtomicInteger();
    private volatile Function<Arrival, Answer> script = arrival -> Answer.status(200);
    private volatile boolean mine = true;

    public record Arrival(int number, long atMillis, String uri, Map<String, List<String>> headers, String body) {
        public String id() {
            return headers.get("webhook-id").getFirst();
        }

        public JsonArray events() {
            return new JsonArray(body);
        }

        public List<String> texts() {
            return events().stream().map(Object::toString).toList();
        }
    }

    /** What to do with a request that was read to its end. */
    public interface Answer {
        void give(Vertx vertx, HttpServerRequest request);

        static Answer status(int status) {
            return status(status, "whatever");
        }

        static Answer status(int status, String body) {
            return (vertx, request) -> request.response().setStatusCode(status).end(body);
        }

        static Answer status(int status, String header, String value) {
            return (vertx, request) -> request.response()
                    .setStatusCode(status)
                    .putHeader(header, value)
                    .end();
        }

        static Answer after(Duration delay, Answer then) {
            return (vertx, request) -> vertx.setTimer(delay.toMillis(), timer -> {
                if (!request.response().closed()) {
                    then.give(vertx, request);
                }
            });
        }

        static Answer hang() {
            return (vertx, request) -> {};
        }

        static Answer reset() {
            return (vertx, request) -> request.connection().close();
        }
    }

    public Receiver(Vertx vertx) {
        this.vertx = vertx;
        this.server =
                Sql.await(vertx.createHttpServer().requestHandler(this::receive).listen(0, "127.0.0.1"));
    }

    public String url() {
        return "http://127.0.0.1:" + server.actualPort() + "/hook";
    }

    public void answer(Function<Arrival, Answer> script) {
        this.script = script;
    }

    /** Signed in a way that is not looked at here; signed it must be. */
    public void expectOtherSignatures() {
        mine = false;
    }

    public List<Arrival> arrivals() {
        return arrivals;
    }

    /** Those that were answered with success. */
    public List<Arrival> taken() {
        return taken;
    }

    /** Each event in the order in which it came first. */
    public List<String> firstArrivals() {
        return arrivals.stream()
                .flatMap(arrival -> arrival.texts().stream())
                .distinct()
                .toList();
    }

    public List<String> badSignatures() {
        return badSignatures;
    }

    /** Most requests at once since the last call. */
    public int mostUnderWay() {
        return mostUnderWay.getAndSet(underWay.get());
    }

    private void receive(HttpServerRequest request) {
        mostUnderWay.accumulateAndGet(underWay.incrementAndGet(), Math::max);
        request.body().onSuccess(body -> {
            Map<String, List<String>> headers = headers(request);
            Arrival arrival =
                    new Arrival(arrivals.size(), System.currentTimeMillis(), request.uri(), headers, body.toString());
            verify(arrival);
            arrivals.add(arrival);
            // Before the sender can know of it, and act on it.
            request.response().headersEndHandler(begun -> {
                if (request.response().getStatusCode() < 300) {
                    taken.add(arrival);
                }
            });
            request.response().endHandler(end -> underWay.decrementAndGet());
            script.apply(arrival).give(vertx, request);
        });
    }

    private void verify(Arrival arrival) {
        try {
            if (mine) {
                new Webhook(SECRET).verify(arrival.body(), arrival.headers());
            } else if (!arrival.headers().containsKey("webhook-signature")) {
                throw new IllegalStateException("not signed");
            }
        } catch (Exception e) {
            badSignatures.add(arrival.id() + ": " + e);
        }
    }

    private static Map<String, List<String>> headers(HttpServerRequest request) {
        return request.headers().names().stream()
                .map(String::toLowerCase)
                .distinct()
                .collect(
                        Collectors.toMap(name -> name, name -> request.headers().getAll(name)));
    }
}
