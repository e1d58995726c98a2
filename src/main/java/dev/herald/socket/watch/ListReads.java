package dev.herald.socket.watch;

import dev.herald.presencelog.WatchLists.WatchList;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** Reads watch lists of an instance's users: those that are asked for during a read go together with the next one. */
final class ListReads {
    /** Lists in one read; those that wait are at most one for each user who is connected. */
    static final int MAX = 1_000;

    private static final Duration DEADLINE = Duration.ofSeconds(5);

    private final Function<Map<String, Long>, Future<Map<String, WatchList>>> changed;

    /** Who asked first is the first to be read. */
    private final LinkedHashMap<String, Question> waiting = new LinkedHashMap<>();

    private boolean reading;

    private record Question(long revision, Promise<Optional<WatchList>> answer) {}

    /** @param changed the lists that are not at the revisions that it is given */
    ListReads(Function<Map<String, Long>, Future<Map<String, WatchList>>> changed) {
        this.changed = changed;
    }

    /**
     * The list of a user, or nothing if it is still at the revision; whoever asks at once for the same user with another
     * revision may be told what it knows.
     */
    Future<Optional<WatchList>> of(String uid, long revision) {
        Question question = waiting.merge(
                uid,
                new Question(revision, Promise.promise()),
                (first, other) -> first.revision == other.revision
                        ? first
                        : new Question(WatchList.UNREAD.revision(), first.answer));
        if (!reading) {
            read();
        }
        return question.answer.future();
    }

    private void read() {
        Map<String, Question> asked = new HashMap<>();
        Map<String, Long> revisions = new HashMap<>();
        while (asked.size() < MAX && !waiting.isEmpty()) {
            Map.Entry<String, Question> first = waiting.pollFirstEntry();
            asked.put(first.getKey(), first.getValue());
            revisions.put(first.getKey(), first.getValue().revision);
        }
        reading = true;
        changed.apply(revisions)
                .timeout(DEADLINE.toMillis(), TimeUnit.MILLISECONDS)
                .onComplete(done -> {
                    reading = false;
                    if (!waiting.isEmpty()) {
                        read();
                    }
                })
                .onSuccess(lists ->
                        asked.forEach((uid, question) -> question.answer.complete(Optional.ofNullable(lists.get(uid)))))
                .onFailure(cause -> asked.values().forEach(question -> question.answer.fail(cause)));
    }
}
