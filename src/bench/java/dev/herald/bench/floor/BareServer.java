package dev.herald.bench.floor;

import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Vert.x and nothing on it, as a process of its own: WebSockets that send back what comes. */
public final class BareServer extends VerticleBase {
    private static final String READY = "ready";

    private final int port;

    private BareServer(int port) {
        this.port = port;
    }

    public static void main(String[] args) {
        int port = Integer.parseInt(args[0]);
        Vertx vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(true));
        vertx.deployVerticle(
                        () -> new BareServer(port),
                        new DeploymentOptions().setInstances(Runtime.getRuntime().availableProcessors()))
                .onSuccess(id -> System.out.println(READY))
                .onFailure(cause -> System.exit(1));
    }

    @Override
    public Future<?> start() {
        return vertx.createHttpServer()
                .webSocketHandler(socket -> socket.binaryMessageHandler(socket::writeBinaryMessage))
                .listen(port, "127.0.0.1");
    }

    /** A running one. */
    record Running(Process process, int port) implements AutoCloseable {
        static Running start(List<String> jvm) throws IOException {
            int port = freePort();
            List<String> command = new ArrayList<>();
            command.add(ProcessHandle.current().info().command().orElse("java"));
            command.add("--enable-native-access=ALL-UNNAMED");
            command.addAll(jvm);
            command.addAll(List.of("-cp", System.getProperty("java.class.path")));
            command.addAll(List.of(BareServer.class.getName(), Integer.toString(port)));
            Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            BufferedReader out =
                    new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
            for (String line = out.readLine(); !READY.equals(line); line = out.readLine()) {
                if (line == null) {
                    throw new IOException("the bare server did not start");
                }
            }
            return new Running(process, port);
        }

        @Override
        public void close() {
            process.destroy();
            process.onExit().join();
        }

        private static int freePort() throws IOException {
            try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                return socket.getLocalPort();
            }
        }
    }
}
