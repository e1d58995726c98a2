package dev.herald.api.user;

import dev.herald.config.HeraldConfig;
import io.vertx.core.json.JsonObject;
import java.util.Optional;
import java.util.Set;

/** Where clients are told to connect: as configured, else where this node listens. */
public final class ClientAddresses {
    private static final Set<String> EVERYWHERE = Set.of("0.0.0.0", "::");

    private final HeraldConfig config;

    public ClientAddresses(HeraldConfig config) {
        this.config = config;
    }

    /** @param reached the address of this node that the caller reached: what it listens on, where that is all of them */
    public JsonObject outside(String reached) {
        HeraldConfig.Client client = config.client();
        Optional<String> wss = client.publicWss();
        String own = wss.isPresent() ? "" : "ws://" + own(reached, config.ws());
        return json(
                client.publicTcp().orElseGet(() -> own(reached, config.tcp())),
                client.publicWs().orElse(own),
                wss.orElse(""));
    }

    /** The one that is behind whatever stands before this node; WuKongIM tells that of TCP only. */
    JsonObject inside(String reached) {
        return json(own(reached, config.tcp()), "", "");
    }

    private String own(String reached, HeraldConfig.Port port) {
        String host = EVERYWHERE.contains(config.bind()) ? reached : config.bind();
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port.port();
    }

    private static JsonObject json(String tcp, String ws, String wss) {
        return JsonObject.of("tcp_addr", tcp, "ws_addr", ws, "wss_addr", wss);
    }
}
