package dev.herald.it;

import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** What goes on beside a test, on a thread of its own: the common pool has but one on a machine of two cores. */
public final class Aside {
    private Aside() {}

    public static <T> CompletableFuture<T> aside(Supplier<T> work) {
        return CompletableFuture.supplyAsync(work, Thread::startVirtualThread);
    }

    public static CompletableFuture<Void> aside(Runnable work) {
        return CompletableFuture.runAsync(work, Thread::startVirtualThread);
    }
}
