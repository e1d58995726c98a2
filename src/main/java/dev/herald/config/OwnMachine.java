package dev.herald.config;

import io.netty.util.NetUtil;
import io.vertx.core.net.HostAndPort;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/**
 * Whether a request is by somebody who works on this machine, where nobody is asked for proof. That it came over loopback
 * does not say so: a browser here sends what any page asks it to, and only Host and Origin tell whose page that is.
 */
public final class OwnMachine {
    /** What others are told, after what would let them in. */
    public static final String ONLY = "Host and Origin must be loopback or names without a dot";

    private OwnMachine() {}

    /**
     * @param to whom the request names as its host, if anybody
     * @param origin of the page that asked for it, if it was one
     */
    public static boolean asks(@Nullable HostAndPort to, @Nullable String origin) {
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
