package dev.herald.lifecycle;

import io.vertx.core.Vertx;
import io.vertx.core.shareddata.Shareable;
import java.util.function.Supplier;

/** What the verticles of one node share, one of each type; for any thread. */
public final class NodeLocal {
    private NodeLocal() {}

    /** @param maker called by whoever comes first */
    public static <T extends Shareable> T of(Vertx vertx, Class<T> type, Supplier<T> maker) {
        String name = type.getName();
        return vertx.sharedData().<String, T>getLocalMap(name).computeIfAbsent(name, it -> maker.get());
    }
}
