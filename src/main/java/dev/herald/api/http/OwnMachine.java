package dev.herald.api.http;

import io.netty.util.NetUtil;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/**
 * Whether a request is by somebody who works on this machine. That it came over loopback does not say so: a browser here
 * sends what any page asks it to, and only Host and Origin tell whose page that is.
 */
final class OwnMachine {
    /** What others are told. */
    static final String ONLY = "where no api.token is set, Host and Origin must be loopback or names without a dot";

    private OwnMachine() {}

    static boolean asks(HttpServerRequest request) {
        HostAndPort to = request.authority();
        String origin = request.getHeader("Origin");
        return (to == null || isNear(to.host())) && (origin == null || isNear(hostOf(origin)));
    }

    private static @Nullable String hostOf(String origin) {
        try {
            return URI.create(origin).getHost();
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** Loopback, or a name without a dot, which nobody can own; no name is looked up: who owns it decides what it means. */
    static boolean isNear(@Nullable String host) {
        if (host == null || host.isEmpty()) {
            return false;
        }
        byte[] address = NetUtil.createByteArrayFromIpAddressString(host);
        try {
            return address == null
                    ? !host.contains(".")
                    : InetAddress.getByAddress(address).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }
}
