package dev.herald.boot;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import redis.embedded.core.ExecutableProvider;

/** A Redis of our own on loopback, with its data in the data folder. */
record EmbeddedRedis(Process server, int port, PidFile pid) {
    private static final Path SETSID = Path.of("/usr/bin/setsid");
    private static final int POLL_MILLIS = 20;
    private static final byte[] PING = "PING\r\n".getBytes(StandardCharsets.US_ASCII);

    static EmbeddedRedis start(DataFolder folder) throws IOException, InterruptedException {
        int port = FreePort.find();
        Process server = new ProcessBuilder(command(folder, port))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        EmbeddedRedis redis = new EmbeddedRedis(server, port, folder.redisPid());
        redis.awaitReady();
        return redis;
    }

    String url() {
        return "redis://127.0.0.1:" + port;
    }

    void stop() throws IOException, InterruptedException {
        pid.stopServer();
    }

    /** In a session of its own, so that Ctrl-C in a terminal does not end it before Herald has finished with it. */
    private static List<String> command(DataFolder folder, int port) throws IOException {
        Files.createDirectories(folder.redis());
        Files.createDirectories(folder.programs());
        List<String> command = new ArrayList<>();
        if (Files.isExecutable(SETSID)) {
            command.add(SETSID.toString());
        }
        command.add(ExecutableProvider.newJarResourceProvider(folder.programs().toFile())
                .get()
                .getAbsolutePath());
        command.addAll(List.of("--port", Integer.toString(port), "--bind", "127.0.0.1"));
        command.addAll(List.of("--dir", folder.redis().toString(), "--logfile", "redis.log"));
        command.addAll(List.of("--pidfile", folder.redisPid().path().toString()));
        command.addAll(List.of("--appendonly", "yes", "--appendfsync", "everysec", "--save", ""));
        return command;
    }

    /** Loads its data first, which the caller's deadline allows for. */
    private void awaitReady() throws IOException, InterruptedException {
        while (!answers()) {
            if (server.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
                throw new StartException("it ended with code %d, see redis.log in %s"
                        .formatted(server.exitValue(), pid.path().getParent()));
            }
        }
    }

    private boolean answers() {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.getOutputStream().write(PING);
            return socket.getInputStream().read() == '+';
        } catch (IOException e) {
            return false;
        }
    }
}
