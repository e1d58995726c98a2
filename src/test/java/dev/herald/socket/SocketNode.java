package dev.herald.socket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.message.SocketMessage;
import dev.herald.bus.message.SocketMessage.Push;
import dev.herald.bus.message.SocketMessage.Pushes;
import dev.herald.config.ConfigLoader;
import dev.herald.config.HeraldConfig;
import dev.herald.device.Standing;
import dev.herald.model.ChannelKey;
import dev.herald.model.Delivery;
import dev.herald.model.Delivery.Header;
import dev.herald.model.Payload;
import dev.herald.socket.FrameClient.Dialect;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** The sockets of a node with all else faked. */
final class SocketNode {
    static final long INCARNATION = 7;

    final Vertx vertx;
    final Bus bus;
    final Peers peers;
    final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    final int port;
    final int tcpPort;
    private final String deployment;
    volatile Login.Register register = (uid, flag) -> Future.succeededFuture(new Standing(null, false, null));

    /** @param settings key, value, key, value … over the defaults */
    SocketNode(Vertx vertx, String... settings) {
        this.vertx = vertx;
        this.bus = new Bus(vertx);
        this.peers = new Peers(bus);
        Map<String, String> overrides =
                new HashMap<>(Map.of("ws.port", "0", "tcp.port", "0", "messages.connection-rate", "0"));
        for (int i = 0; i < settings.length; i += 2) {
            overrides.put(settings[i], settings[i + 1]);
        }
        HeraldConfig config = ConfigLoader.load(overrides);
        List<SocketVerticle> instances = new CopyOnWriteArrayList<>();
        this.deployment = await(vertx.deployVerticle(
                () -> {
                    SocketVerticle verticle = new SocketVerticle(
                            config,
                            bus,
                            (uid, flag) -> register.find(uid, flag),
                            peers::changedLists,
                            INCARNATION,
                            Duration.ofMillis(200),
                            meters);
                    instances.add(verticle);
                    return verticle;
                },
                new DeploymentOptions().setInstances(2)));
        this.port = instances.getFirst().port();
        this.tcpPort = instances.getFirst().tcpPort();
        assertThat(instances).extracting(SocketVerticle::port).containsOnly(port);
        assertThat(instances).extracting(SocketVerticle::tcpPort).containsOnly(tcpPort);
    }

    TestClient binary(int version) {
        return new TestClient(this, Dialect.binary(version, 1));
    }

    TestClient json() {
        return new TestClient(this, Dialect.json(1));
    }

    TcpClient tcp(int version) {
        return new TcpClient(this, Dialect.binary(version, 0));
    }

    TcpClient tcpJson() {
        return new TcpClient(this, Dialect.json(0));
    }

    /** Gives the sockets an ordinary message for these users. */
    void push(Delivery delivery, String... uids) {
        bus.publish(Addresses.SOCKETS_PUSH, Pushes.of(new Push(Set.of(uids), delivery, SocketMessage.NO_SESSION)));
    }

    /** The same of a message of so many bytes. */
    void push(String uid, int bytes) {
        Payload payload = Payload.of("x".repeat(bytes));
        push(new Delivery(1, 1, "u9", ChannelKey.group("g"), "c", Header.PLAIN, 0, 0, "", 1, payload), uid);
    }

    Future<Void> stop() {
        return vertx.undeploy(deployment);
    }

    /** What a counter or a gauge shows; labels as key, value, key, value … */
    double metric(String name, String... labels) {
        return meters.get(name).tags(labels).meter().measure().iterator().next().getValue();
    }

    static <T> T await(Future<T> future) {
        try {
            return future.await(15, TimeUnit.SECONDS);
        } catch (java.util.concurrent.TimeoutException e) {
            throw new AssertionError("not in time", e);
        }
    }
}
