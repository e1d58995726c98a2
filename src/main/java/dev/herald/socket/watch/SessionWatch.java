package dev.herald.socket.watch;

import dev.herald.bus.message.PresenceMessage.UserState;
import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import dev.herald.lifecycle.SteadyClock;
import dev.herald.lifecycle.TokenBucket;
import dev.herald.model.Reason;
import dev.herald.presencelog.PresenceJson;
import dev.herald.presencelog.WatchLists;
import dev.herald.presencelog.WatchLists.WatchList;
import dev.herald.socket.delivery.Client;
import dev.herald.wire.Frame;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whom the client of one session watches: the list of its back end, or those of it whom the client subscribes to. What is
 * asked of it happens one after the other.
 */
public final class SessionWatch implements Watches.Watcher {
    private static final Logger log = LoggerFactory.getLogger(SessionWatch.class);

    /** A question may be for a thousand users. */
    private static final int QUESTIONS_PER_SECOND = 5;

    private final String uid;
    private final Client client;
    private final Watching watching;
    private final TokenBucket rate = new TokenBucket(QUESTIONS_PER_SECOND, SteadyClock.millis());
    private WatchList list = WatchList.UNREAD;
    private Choice choice = Choice.NOBODY;
    private Future<Void> last = Future.succeededFuture();
    private boolean refreshing;
    private boolean closed;

    SessionWatch(String uid, Client client, Watching watching) {
        this.uid = uid;
        this.client = client;
        this.watching = watching;
    }

    /** For a client that cannot ask: it is told of whom its back end wants. */
    public void beginWithList() {
        choice = choice.withList();
        refresh();
    }

    /** Looks whether the back end has changed the list. */
    public void refresh() {
        if (!refreshing && !choice.isNobody()) {
            refreshing = true;
            inTurn(() -> {
                        refreshing = false;
                        return readList();
                    })
                    .onFailure(cause -> log.debug("uid={} watches as before: {}", uid, cause.getMessage()));
        }
    }

    public void ask(Frame.Watch asked) {
        if (!rate.take(SteadyClock.millis())) {
            watching.meters().refused("rate");
            client.write(new Frame.BadRequest(
                    asked.requestId(), "more than " + QUESTIONS_PER_SECOND + " such requests a second"));
            return;
        }
        inTurn(() -> answer(asked))
                .onSuccess(answer -> client.write(new Frame.Result(asked.requestId(), answer.encode())))
                .onFailure(cause -> client.write(new Frame.BadRequest(asked.requestId(), text(cause))));
    }

    /** The client has room again. */
    public void settle() {
        watching.watches().settle(this);
    }

    public void close() {
        closed = true;
        watching.set(this, Set.of());
    }

    @Override
    public boolean hasRoom() {
        return client.hasRoom();
    }

    @Override
    public void tell(UserState state) {
        watching.meters().told();
        client.write(watching.form(state));
    }

    private <T> Future<T> inTurn(Supplier<Future<T>> work) {
        Future<T> done = last.compose(before -> closed
                ? Future.failedFuture(new HeraldException(Failure.UNAVAILABLE, "the connection is closed"))
                : work.get());
        last = done.<Void>mapEmpty().otherwiseEmpty();
        return done;
    }

    private Future<JsonObject> answer(Frame.Watch asked) {
        boolean needsList = !watching.anybody() || asked.users().isEmpty();
        Future<Void> read = needsList ? readList() : Future.succeededFuture();
        return read.compose(done -> {
            Set<String> users = asked.users().orElse(list.users());
            return switch (asked.question()) {
                case SUBSCRIBE -> subscribe(asked.users(), allowed(users));
                case UNSUBSCRIBE -> unsubscribe(asked.users());
                case PRESENCE -> query(allowed(users));
            };
        });
    }

    private Future<JsonObject> subscribe(Optional<Set<String>> named, Set<String> users) {
        Choice before = choice;
        choice = named.isPresent() ? choice.with(users) : choice.withList();
        return watch(users).onFailure(cause -> choice = before).map(done -> {
            JsonArray states = new JsonArray();
            users.forEach(user ->
                    watching.watches().state(user).map(OnlineStatus::param).ifPresent(states::add));
            return result().put("users", states);
        });
    }

    private Future<JsonObject> unsubscribe(Optional<Set<String>> named) {
        Set<String> left = new HashSet<>(named.isPresent() ? watched() : Set.of());
        named.ifPresent(left::removeAll);
        choice = new Choice(false, left);
        return watch(Set.of()).map(done -> result());
    }

    private Future<JsonObject> query(Set<String> users) {
        return watching.query(users).map(statuses -> {
            JsonArray array = new JsonArray();
            statuses.forEach(status -> array.add(PresenceJson.status(status, false)));
            return result().put("users", array);
        });
    }

    private Set<String> allowed(Set<String> users) {
        if (!watching.anybody()) {
            users.stream()
                    .filter(user -> !list.users().contains(user))
                    .findFirst()
                    .ifPresent(user -> {
                        watching.meters().refused("list");
                        throw HeraldException.invalid("params.users", user + " is not on the watch list");
                    });
        }
        return users;
    }

    private Set<String> watched() {
        return choice.of(list.users(), watching.anybody());
    }

    private Future<Void> readList() {
        return watching.list(uid, list.revision()).compose(changed -> {
            changed.ifPresent(newer -> list = newer);
            return changed.isPresent() && !choice.isNobody() ? watch(Set.of()) : Future.succeededFuture();
        });
    }

    /** @param answered the client is told how these stand in another way */
    private Future<Void> watch(Set<String> answered) {
        Set<String> wanted = closed ? Set.of() : watched();
        if (wanted.size() > WatchLists.MAX) {
            return refused(
                    HeraldException.invalid("params.users", "must not be more than " + WatchLists.MAX + " in all"));
        }
        if (!watching.watches().hasRoom(this, wanted)) {
            return refused(new HeraldException(Failure.OVERLOADED, "too many users are watched here"));
        }
        Set<String> before = new HashSet<>(watching.watches().of(this));
        Set<String> added = watching.set(this, wanted);
        return watching.follow(added)
                .onSuccess(known -> {
                    added.removeAll(answered);
                    watching.watches().owe(this, added);
                })
                .onFailure(cause -> {
                    before.retainAll(closed ? Set.of() : wanted);
                    watching.set(this, before);
                    tryAgain();
                });
    }

    private Future<Void> refused(HeraldException cause) {
        watching.meters().refused("bound");
        tryAgain();
        return Future.failedFuture(cause);
    }

    /** At the next look the list counts as changed. */
    private void tryAgain() {
        list = new WatchList(list.users(), WatchList.UNREAD.revision());
    }

    private static JsonObject result() {
        return JsonObject.of("reasonCode", Reason.SUCCESS.code());
    }

    /** What goes wrong inside is not for clients. */
    private static String text(Throwable cause) {
        return switch (HeraldException.failureOf(cause)) {
            case INVALID, OVERLOADED -> String.valueOf(cause.getMessage());
            default -> "not available now, try again";
        };
    }
}
