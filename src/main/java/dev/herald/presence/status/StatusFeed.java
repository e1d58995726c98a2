package dev.herald.presence.status;

import dev.herald.bus.message.PresenceMessage.StatesChanged;
import dev.herald.bus.message.PresenceMessage.UserState;
import dev.herald.bus.message.PresenceMessage.UserStates;
import dev.herald.eventlog.EventFeed;
import dev.herald.eventlog.EventFeed.Page;
import dev.herald.eventlog.Position;
import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import dev.herald.lifecycle.Periodic;
import dev.herald.presencelog.PresenceLog;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.SqlClient;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Follows the feed of presence for the sockets of this node whose clients watch users, and only while there are such.
 * Where it begins, after a rest or because its place is not kept any more, it says that there is a gap before it.
 */
public final class StatusFeed {
    /** A wake-up may be lost, or come while an older transaction still holds the change back. */
    private static final Duration LOOK = Duration.ofMillis(500);

    /** After each look: what changes meanwhile is told together, of each user the newest. */
    private static final Duration PACE = Duration.ofMillis(100);

    private static final int PAGE = 1_000;

    private final Vertx vertx;
    private final SqlClient statements;
    private final EventFeed feed;
    private final Duration idleAfter;
    private final Consumer<StatesChanged> tell;
    private final Counter gaps;
    private final Periodic looks;
    private @Nullable Position place;
    private @Nullable Future<Void> beginning;
    private long followedAt;

    /** @param idleAfter how long nobody may ask before nobody watches */
    public StatusFeed(
            Vertx vertx,
            SqlClient statements,
            Duration idleAfter,
            Consumer<StatesChanged> tell,
            MeterRegistry registry) {
        this.vertx = vertx;
        this.statements = statements;
        this.feed = new EventFeed(statements);
        this.idleAfter = idleAfter;
        this.tell = tell;
        this.gaps = Counter.builder("herald.watch.gaps")
                .description("Times that changes of presence may have been missed, so that all that is watched is read")
                .register(registry);
        this.looks = Periodic.start(vertx, "watched users", LOOK, this::look);
    }

    /** The feed is followed from before the states are read: what these do not show is told. */
    public Future<UserStates> follow(List<String> uids) {
        followedAt = System.nanoTime();
        return begun().compose(begun -> uids.isEmpty()
                ? Future.succeededFuture(new UserStates(List.of()))
                : PresenceLog.findAll(statements, uids)
                        .map(users -> new UserStates(
                                users.stream().map(UserStateForms::of).toList())));
    }

    public void wake() {
        looks.nudge();
    }

    public Future<Void> stop() {
        return looks.stop();
    }

    private Future<Void> begun() {
        if (place != null) {
            return Future.succeededFuture();
        }
        if (beginning == null) {
            Future<Void> begun = feed.now()
                    .onSuccess(now -> {
                        place = now;
                        gaps.increment();
                        tell.accept(new StatesChanged(List.of(), true));
                    })
                    .mapEmpty();
            beginning = begun;
            return begun.onComplete(done -> beginning = null);
        }
        return beginning;
    }

    private Future<Void> look() {
        Position from = place;
        if (from == null) {
            return Future.succeededFuture();
        }
        if (System.nanoTime() - followedAt > idleAfter.toNanos()) {
            place = null;
            return Future.succeededFuture();
        }
        return feed.presenceAfter(from, PAGE, true).compose(this::take).recover(this::lost);
    }

    private Future<Void> take(Page page) {
        place = page.next();
        Map<String, UserState> newest = new LinkedHashMap<>();
        page.events().stream()
                .map(event -> UserStateForms.of(event.json()))
                .forEach(state -> newest.put(state.uid(), state));
        if (!newest.isEmpty()) {
            tell.accept(new StatesChanged(List.copyOf(newest.values()), false));
        }
        return page.more()
                ? look()
                : vertx.timer(PACE.toMillis(), TimeUnit.MILLISECONDS).mapEmpty();
    }

    private Future<Void> lost(Throwable cause) {
        if (HeraldException.failureOf(cause) != Failure.CONFLICT) {
            return Future.failedFuture(cause);
        }
        place = null;
        return begun();
    }
}
