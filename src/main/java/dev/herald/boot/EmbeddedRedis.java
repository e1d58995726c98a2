package dev.herald.boot;

import dev.herald.boot.StoreProcess.Recipe;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import redis.embedded.core.ExecutableProvider;

/** A Redis of our own on loopback, with its data in the data folder. */
record EmbeddedRedis(StoreProcess process, int port) {
    private static final int PATIENCE_MILLIS = 500;
    private static final byte[] PING = "PING\r\n".getBytes(StandardCharsets.US_ASCII);

    static EmbeddedRedis start(DataFolder folder) throws IOException, InterruptedException {
        int port = Ports.free();
        Recipe recipe =
                new Recipe(folder.redisPid(), command(folder, port), Redirect.DISCARD, process -> answers(port));
        return new EmbeddedRedis(StoreProcess.start(recipe), port);
    }

    String url() {
        return "redis://127.0.0.1:" + port;
    }

    void stop() throws IOException, InterruptedException {
        process.stop();
    }

    private static List<String> command(DataFolder folder, int port) throws IOException {
        Files.createDirectories(folder.redis());
        Files.createDirectories(folder.programs());
        List<String> command = new ArrayList<>();
        command.add(ExecutableProvider.newJarResourceProvider(folder.programs().toFile())
                .get()
                .getAbsolutePath());
        command.addAll(List.of("--port", Integer.toString(port), "--bind", "127.0.0.1"));
        command.addAll(List.of("--dir", folder.redis().toString(), "--logfile", "redis.log"));
        command.addAll(List.of("--pidfile", folder.redisPid().path().toString()));
        command.addAll(List.of("--appendonly", "yes", "--appendfsync", "everysec", "--save", ""));
        return command;
    }

    private static boolean answers(int port) {
        try (Socket socket = new Socket()) {
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), PATIENCE_MILLIS);
            socket.getOutputStream().write(PING);
            return socket.getInputStream().read() == '+';
        } catch (IOException e) {
            return false;
        }
    }
}
