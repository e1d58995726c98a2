package dev.herald.api;

import static dev.herald.it.Aside.aside;
import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.api.ApiServer.Answer;
import dev.herald.bus.Addresses;
import dev.herald.bus.message.Done;
import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class ConventionsIT {
    private static final String TOKEN = "s3cret";
    private static final String[] PROOF = {"token", TOKEN};

    @RegisterExtension
    static final ApiServer server = ApiServer.of(Map.of("api.token", TOKEN));

    /** All routes but the API's document, and what is no route. */
    static Stream<Arguments> paths() {
        return Stream.concat(
                server.routes().stream()
                        .filter(route -> route.getPath() != null && route.methods() != null)
                        .filter(route -> !route.getPath().matches("/docs.*|/openapi.json"))
                        .flatMap(route -> route.methods().stream()
                                .map(method -> Arguments.of(
                                        method.name(), route.getPath().replaceAll(":\\w+", "1")))),
                Stream.of(Arguments.of("GET", "/nothing"), Arguments.of("DELETE", "/channel")));
    }

    @ParameterizedTest
    @MethodSource("paths")
    void without_the_token_every_path_answers_401_and_nothing_else(String method, String path) {
        Answer none = server.call(method, path, "{}");
        Answer wrong = server.call(method, path, "{}", "token", "S3cret");

        assertThat(none.status()).isEqualTo(401);
        assertThat(none.body()).isEmpty();
        assertThat(wrong.status()).isEqualTo(401);
        assertThat(wrong.body()).isEmpty();
    }

    @Test
    void a_preflight_needs_no_token() {
        Answer preflight = server.call("OPTIONS", "/channel/info", "");

        assertThat(preflight.status()).isEqualTo(204);
        assertThat(preflight.header("Access-Control-Allow-Origin")).isEqualTo("*");
        assertThat(preflight.header("Access-Control-Allow-Methods").split(", "))
                .contains(paths().map(path -> (String) path.get()[0]).toArray(String[]::new));
        assertThat(preflight.header("Access-Control-Allow-Headers")).contains("token");
    }

    @Test
    void answers_may_be_read_by_any_web_page() {
        assertThat(server.call("GET", "/health", "", PROOF).header("Access-Control-Allow-Origin"))
                .isEqualTo("*");
    }

    @Test
    void unknown_paths_and_methods_have_the_form_of_errors() {
        assertThat(server.post("/nothing", "{}", PROOF).problem()).isEqualTo("404 no such path");
        assertThat(server.call("DELETE", "/channel", "", PROOF).problem()).isEqualTo("405 only POST is served here");
        assertThat(server.call("DELETE", "/channel/info", "", PROOF).header("Allow"))
                .contains("GET")
                .contains("POST")
                .contains("PATCH");
        assertThat(server.call("GET", "/user/token", "", PROOF).problem()).isEqualTo("405 only POST is served here");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "{}garbage", "{} {}", "{\"uid\":}", "\u0001"})
    void refuses_what_is_not_one_json_text(String body) {
        assertThat(server.post("/user/device_quit", body, PROOF).problem())
                .isEqualTo("400 body: is not one whole JSON text");
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]", "null", "7", "\"{}\""})
    void refuses_what_is_no_object(String body) {
        assertThat(server.post("/user/device_quit", body, PROOF).problem())
                .isEqualTo("400 body: must be a JSON object");
    }

    @Test
    void the_content_type_does_not_matter() {
        Answer answer = server.post(
                "/user/device_quit",
                "{\"uid\":\"u1\"}",
                "token",
                TOKEN,
                "Content-Type",
                "application/x-www-form-urlencoded");

        assertThat(answer.json()).isEqualTo(JsonObject.of("status", 200));
    }

    @Test
    void a_body_over_the_limit_is_413_and_the_connection_goes_on() {
        String tooLong = "{\"uid\":\"" + "x".repeat(ApiServer.MAX_BODY) + "\"}";

        assertThat(server.post("/user/device_quit", tooLong, PROOF).problem())
                .isEqualTo("413 body: must not be longer than 100000 bytes");
        assertThat(server.post("/user/device_quit", "{\"uid\":\"u1\"}", PROOF).status())
                .isEqualTo(200);
    }

    @Test
    void a_body_of_exactly_the_limit_is_read() {
        String frame = "{\"uid\":\"u1\",\"ignored\":\"\"}";
        String body = frame.replace("\"\"", "\"" + "x".repeat(ApiServer.MAX_BODY - frame.length()) + "\"");

        assertThat(server.post("/user/device_quit", body, PROOF).status()).isEqualTo(200);
    }

    @Test
    void the_trouble_of_a_peer_keeps_its_status() {
        assertThat(failing(Failure.UNAVAILABLE, "redis is away").problem()).isEqualTo("503 redis is away");
        assertThat(failing(Failure.OVERLOADED, "too much").problem()).isEqualTo("503 too much");
        assertThat(failing(Failure.TIMEOUT, "too late").problem()).isEqualTo("504 too late");
        assertThat(failing(Failure.UNAVAILABLE, "redis is away").header("Retry-After"))
                .matches("[123]");
    }

    @Test
    void an_unexpected_failure_tells_nothing() {
        server.peers.answer(Addresses.DEVICE_KICK, Future.failedFuture(new IllegalStateException("password=x")));

        Answer answer = server.post("/user/device_quit", "{\"uid\":\"u1\"}", PROOF);

        assertThat(answer.problem()).isEqualTo("500 internal error");
        assertThat(answer.header("Retry-After")).isEmpty();
    }

    @Test
    void without_its_database_it_answers_503() {
        try (ApiServer lost = ApiServer.startWithoutDatabase()) {
            Answer answer = lost.get("/channel/info?channel_id=g1&channel_type=2");

            assertThat(answer.problem()).isEqualTo("503 the database does not answer, try again");
            assertThat(answer.header("Retry-After")).matches("[123]");
        }
    }

    @Test
    void a_caller_that_leaves_in_the_middle_of_its_body_harms_nobody() throws IOException {
        try (Socket socket = new Socket("127.0.0.1", server.port())) {
            socket.getOutputStream()
                    .write(("POST /channel HTTP/1.1\r\nHost: x\r\ntoken: " + TOKEN
                                    + "\r\nContent-Length: 50\r\n\r\n{\"channel_id\":")
                            .getBytes(StandardCharsets.US_ASCII));
        }

        assertThat(server.call("GET", "/health", "", PROOF).status()).isEqualTo(200);
    }

    @Test
    void a_stop_answers_what_is_under_way_and_refuses_what_comes_after() {
        try (ApiServer stopping = ApiServer.start(Map.of())) {
            Promise<Done> kick = Promise.promise();
            stopping.peers.answer(Addresses.DEVICE_KICK, kick.future());
            CompletableFuture<Answer> underWay = aside(() -> stopping.post("/user/device_quit", "{\"uid\":\"u1\"}"));
            Awaitility.await().until(() -> !stopping.peers.heard().isEmpty());

            CompletableFuture<Void> stopped = aside(stopping::stop);
            Awaitility.await()
                    .untilAsserted(
                            () -> assertThat(stopping.get("/health").status()).isEqualTo(503));
            kick.complete(Done.DONE);

            assertThat(underWay.join().status()).isEqualTo(200);
            stopped.join();
        }
    }

    @Test
    void answers_with_the_id_of_the_request_or_one_of_its_own() {
        assertThat(server.call("GET", "/health", "", "X-Request-Id", "abc-1", PROOF[0], PROOF[1])
                        .header("X-Request-Id"))
                .isEqualTo("abc-1");
        assertThat(server.call("GET", "/nothing", "", PROOF).header("X-Request-Id"))
                .isNotBlank();
        assertThat(server.call("GET", "/health", "", "X-Request-Id", "x".repeat(65), PROOF[0], PROOF[1])
                        .header("X-Request-Id"))
                .isNotBlank()
                .doesNotContain("xx");
    }

    private Answer failing(Failure failure, String text) {
        server.peers.answer(Addresses.DEVICE_KICK, Future.failedFuture(new HeraldException(failure, text)));
        return server.post("/user/device_quit", "{\"uid\":\"u1\"}", PROOF);
    }
}
