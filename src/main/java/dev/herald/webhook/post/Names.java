package dev.herald.webhook.post;

import io.vertx.core.Future;
import java.net.InetAddress;
import java.util.List;

/** Finds the addresses of a host. */
public interface Names {
    /** At least one, or a failure. */
    Future<List<InetAddress>> resolve(String host);
}
