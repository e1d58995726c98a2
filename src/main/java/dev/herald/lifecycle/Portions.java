package dev.herald.lifecycle;

import io.vertx.core.Future;
import java.util.List;
import java.util.function.Function;

/** What would take too long at once, done in portions. */
public final class Portions {
    private Portions() {}

    /** One after another: the next begins when the one before has ended well. */
    public static <T> Future<Void> inTurn(List<T> all, int size, Function<List<T>, Future<?>> work) {
        if (all.isEmpty()) {
            return Future.succeededFuture();
        }
        int some = Math.min(all.size(), size);
        return work.apply(all.subList(0, some)).compose(done -> inTurn(all.subList(some, all.size()), size, work));
    }
}
