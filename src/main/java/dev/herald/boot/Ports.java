package dev.herald.boot;

import dev.herald.config.HeraldConfig;
import dev.herald.config.Settings;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/** Puts a free port wherever 0 asks for one, so that everybody reads the real one from the configuration. */
final class Ports {
    private Ports() {}

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
                found.put(port.getKey(), Integer.toString(FreePort.find()));
            }
        }
        return settings.with(found);
    }
}
