package dev.herald.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.it.Sql;
import dev.herald.postgres.PgClients;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.ext.web.Router;
import io.vertx.junit5.VertxExtension;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
@Timeout(60)
class CallsIT {
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final Server server = new Server();

    @BeforeEach
    void deploy(Vertx vertx) {
        Sql.await(vertx.deployVerticle(server));
    }

    @Test
    void work_that_does_not_end_is_answered_at_the_deadline() {
        HttpResponse<String> late = get("/never").join();

        assertThat(late.statusCode()).isEqualTo(504);
        assertThat(late.headers().firstValue("Retry-After")).get().asString().matches("[123]");
        assertThat(late.body()).contains("took too long");
    }

    @Test
    void work_that_ends_after_the_deadline_disturbs_nothing() {
        assertThat(get("/never").join().statusCode()).isEqualTo(504);

        server.never.complete(Reply.ok());

        assertThat(get("/now").join().statusCode()).isEqualTo(200);
    }

    @Test
    void a_body_that_does_not_end_is_answered_at_the_deadline() throws IOException {
        try (Socket socket = new Socket("127.0.0.1", server.http.actualPort())) {
            socket.getOutputStream()
                    .write("GET /now HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n{"
                            .getBytes(StandardCharsets.US_ASCII));
            byte[] answer = new byte[12];
            int read = socket.getInputStream().readNBytes(answer, 0, answer.length);

            assertThat(new String(answer, 0, read, StandardCharsets.US_ASCII)).isEqualTo("HTTP/1.1 504");
        }
    }

    @Test
    void refuses_calls_over_its_bound() {
        List<CompletableFuture<HttpResponse<String>>> calls =
                IntStream.range(0, 1_100).mapToObj(n -> get("/never")).toList();

        Awaitility.await()
                .until(() -> calls.stream().filter(CompletableFuture::isDone).count() >= 76);
        assertThat(calls.stream().map(CompletableFuture::join).map(HttpResponse::statusCode))
                .containsOnly(503, 504)
                .contains(503);
    }

    private CompletableFuture<HttpResponse<String>> get(String path) {
        URI uri = URI.create("http://127.0.0.1:" + server.http.actualPort() + path);
        return http.sendAsync(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
    }

    private static final class Server extends VerticleBase {
        final Promise<Reply> never = Promise.promise();
        HttpServer http;

        @Override
        public Future<?> start() {
            PgClients none = PgClients.open(vertx, "postgresql://nobody@127.0.0.1:1/nothing", 1);
            Once once = new Once(new IdempotencyKeys(none, Duration.ofHours(1)));
            Calls calls = new Calls(100, Duration.ofMillis(1_500), once, Contract.THIS);
            Router router = Router.router(vertx);
            router.get("/never").handler(calls.changing(call -> never.future(), Future::succeededFuture));
            router.get("/now").handler(calls.asking(Duration.ZERO, call -> Future.succeededFuture(Reply.ok())));
            http = vertx.createHttpServer().requestHandler(router);
            return http.listen(0, "127.0.0.1");
        }
    }
}
