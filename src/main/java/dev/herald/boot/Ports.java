package dev.herald.boot;

import dev.herald.config.HeraldConfig;
import dev.herald.config.Settings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.HashMap;
import java.util.Map;

/** Puts a free port wherever 0 asks for one, so that everybody reads the real one from the configuration. */
final class Ports {
    private Ports() {}

    /** @throws StartException that names the key of a port that cannot be listened on */
    static Settings assign(Settings settings) throws IOException {
        HeraldConfig config = settings.config();
        Map<String, Integer> asked = Map.of(
                "http.port", config.http().port(),
                "ws.port", config.ws().port(),
                "tcp.port", config.tcp().port(),
                "management.port", config.management().port());
        Map<String, String> found = new HashMap<>();
        for (Map.Entry<String, Integer> port : asked.entrySet()) {
            if (port.getValue() == 0) {
                found.put(port.getKey(), Integer.toString(free()));
            } else {
                claim(port.getKey(), config.bind(), port.getValue());
            }
        }
        return settings.with(found);
    }

    /** One of the loopback address that nobody listens on. */
    static int free() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** It could be taken until it is listened on, but whoever has it now has it then. */
    private static void claim(String key, String bind, int port) {
        try {
            new ServerSocket(port, 1, InetAddress.getByName(bind)).close();
        } catch (IOException e) {
            throw new StartException(
                    "%s=%d cannot be listened on at %s: %s".formatted(key, port, bind, e.getMessage()));
        }
    }
}
