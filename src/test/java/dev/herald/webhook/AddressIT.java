package dev.herald.webhook;

import static dev.herald.webhook.WebhookWorld.online;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.herald.it.Receiver;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.PfxOptions;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where requests may go, and whom they trust. */
@Timeout(60)
class AddressIT {
    @RegisterExtension
    final WebhookWorld world = WebhookWorld.configured();

    private final Receiver receiver = world.receiver;

    @Test
    void connects_to_the_address_that_was_looked_at_and_tells_it_the_name() throws Exception {
        world.config.put("webhook.url", receiver.url().replace("127.0.0.1", "backend.example"));
        world.names = vertx -> host -> Future.succeededFuture(List.of(loopback(1)));
        world.node(1);
        world.append(online("u1", 1));
        world.awaitAllDelivered();
        assertThat(receiver.arrivals().getFirst().headers().get("host").getFirst())
                .startsWith("backend.example:");
    }

    @Test
    void a_name_that_is_pointed_elsewhere_after_a_while_is_not_followed() throws Exception {
        List<String> reached = new CopyOnWriteArrayList<>();
        HttpServer inside = WebhookWorld.get(world.vertx
                .createHttpServer()
                .requestHandler(request -> {
                    reached.add(request.uri());
                    request.response().end();
                })
                .listen(Integer.parseInt(receiver.url().replaceAll("\\D*127.0.0.1:(\\d+).*", "$1")), "127.0.0.2"));
        allow("127.0.0.1/32");
        AtomicInteger asked = new AtomicInteger();
        world.names = vertx -> host -> Future.succeededFuture(List.of(loopback(asked.getAndIncrement() == 0 ? 1 : 2)));
        world.config.put("webhook.url", receiver.url().replace("127.0.0.1", "rebind.example"));
        world.node(1);
        world.append(online("u1", 1));
        await().until(() -> receiver.arrivals().size() == 1);
        world.append(online("u1", 2));
        await().until(() -> world.lastStatus().startsWith("address refused: 127.0.0.2"));
        assertThat(reached).isEmpty();
        WebhookWorld.get(inside.close());
    }

    @Test
    void loopback_is_refused_unless_it_is_allowed() throws Exception {
        allow("");
        world.node(1);
        world.append(online("u1", 1));
        await().until(() -> world.lastStatus().startsWith("address refused: 127.0.0.1"));
        assertThat(receiver.arrivals()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "2130706433", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0"})
    void loopback_is_refused_however_it_is_written(String host) throws Exception {
        allow("");
        world.config.put("webhook.url", receiver.url().replace("127.0.0.1", host));
        world.node(1);
        world.append(online("u1", 1));
        await().until(() -> !world.lastStatus().isEmpty());
        assertThat(world.lastStatus()).matches("address refused: .*|UnknownHostException: .*");
        assertThat(receiver.arrivals()).isEmpty();
    }

    @Test
    void a_name_with_several_addresses_is_reached_by_one_that_is_allowed() throws Exception {
        allow("127.0.0.1/32");
        world.names = vertx -> host -> Future.succeededFuture(List.of(loopback(2), loopback(1)));
        world.node(1);
        world.append(online("u1", 1));
        world.awaitAllDelivered();
        assertThat(receiver.arrivals()).hasSize(1);
    }

    @Test
    void a_certificate_that_nobody_vouches_for_is_refused(@TempDir Path folder) throws Exception {
        assertRefused(certificate(folder, "localhost"));
    }

    @Test
    void a_trusted_certificate_is_no_good_for_another_name(@TempDir Path folder) throws Exception {
        Path wrong = certificate(folder, "elsewhere.example");
        trusting(wrong, () -> assertRefused(wrong));
    }

    @Test
    void a_trusted_certificate_is_good_for_its_own_name(@TempDir Path folder) throws Exception {
        Path right = certificate(folder, "localhost");
        trusting(right, () -> {
            List<String> reached = https(right);
            await().until(() -> !reached.isEmpty());
        });
    }

    private void assertRefused(Path certificate) throws Exception {
        List<String> reached = https(certificate);
        await().until(() -> world.lastStatus().contains("SSL"));
        assertThat(reached).isEmpty();
    }

    /** What the server at the endpoint's URL is asked. */
    private List<String> https(Path certificate) throws Exception {
        List<String> reached = new CopyOnWriteArrayList<>();
        HttpServer server = WebhookWorld.get(world.vertx
                .createHttpServer(new HttpServerOptions()
                        .setSsl(true)
                        .setKeyCertOptions(
                                new PfxOptions().setPath(certificate.toString()).setPassword("changeit")))
                .requestHandler(request -> {
                    reached.add(request.uri());
                    request.response().end();
                })
                .listen(0, "127.0.0.1"));
        world.config.put("webhook.url", "https://localhost:" + server.actualPort() + "/");
        world.node(1);
        world.append(online("u1", 1));
        return reached;
    }

    private static Path certificate(Path folder, String name) throws Exception {
        Path store = folder.resolve(name + ".p12");
        new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "self",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=" + name,
                        "-ext",
                        "san=dns:" + name,
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        store.toString(),
                        "-storepass",
                        "changeit"))
                .inheritIO()
                .start()
                .waitFor();
        return store;
    }

    private interface Step {
        void run() throws Exception;
    }

    /** What this JVM trusts is asked anew for each client. */
    private static void trusting(Path store, Step step) throws Exception {
        System.setProperty("javax.net.ssl.trustStore", store.toString());
        System.setProperty("javax.net.ssl.trustStorePassword", "changeit");
        try {
            step.run();
        } finally {
            System.clearProperty("javax.net.ssl.trustStore");
            System.clearProperty("javax.net.ssl.trustStorePassword");
        }
    }

    private void allow(String networks) {
        world.config.put("webhook.allowed-networks", networks);
    }

    private static InetAddress loopback(int last) {
        try {
            return InetAddress.getByAddress(new byte[] {127, 0, 0, (byte) last});
        } catch (java.net.UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }
}
