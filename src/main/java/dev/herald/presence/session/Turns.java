package dev.herald.presence.session;

import io.vertx.core.Future;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** Work on one user waits for the work on the same user that came before, however that ended. */
final class Turns {
    private final Map<String, Future<?>> last = new HashMap<>();

    <T> Future<T> run(String uid, Supplier<Future<T>> work) {
        Future<?> before = last.get(uid);
        Future<T> mine = before == null ? work.get() : before.otherwiseEmpty().compose(done -> work.get());
        last.put(uid, mine);
        mine.onComplete(done -> last.remove(uid, mine));
        return mine;
    }

    boolean isBusy(String uid) {
        return last.containsKey(uid);
    }

    /** Answers when everything that waits now has been done, well or not. */
    Future<Void> idle() {
        return Future.join(List.copyOf(last.values())).<Void>mapEmpty().otherwiseEmpty();
    }
}
