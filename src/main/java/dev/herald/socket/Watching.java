package dev.herald.socket;

import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.message.PresenceMessage.FollowUsers;
import dev.herald.bus.message.PresenceMessage.StatesChanged;
import dev.herald.bus.message.PresenceMessage.Status;
import dev.herald.bus.message.PresenceMessage.StatusQuery;
import dev.herald.bus.message.PresenceMessage.UserState;
import dev.herald.presencelog.WatchLists.WatchList;
import dev.herald.wire.Frame.Recv;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whom the clients of one instance watch: it asks how these users stand, and is told what changes. */
final class Watching {
    private static final Logger log = LoggerFactory.getLogger(Watching.class);

    /** Users in one question. */
    private static final int PAGE = 1_000;

    private final Bus bus;
    private final ListReads lists;
    private final boolean anybody;
    private final SocketMeters meters;
    private final Watches watches = new Watches();
    private final OnlineStatus forms = new OnlineStatus();
    private boolean behind;
    private boolean catchingUp;

    /** @param anybody whether clients may watch whom they like, and not only those on their list */
    Watching(Bus bus, ListReads lists, boolean anybody, SocketMeters meters) {
        this.bus = bus;
        this.lists = lists;
        this.anybody = anybody;
        this.meters = meters;
    }

    boolean anybody() {
        return anybody;
    }

    Watches watches() {
        return watches;
    }

    SocketMeters meters() {
        return meters;
    }

    Future<Optional<WatchList>> list(String uid, long revision) {
        return lists.of(uid, revision);
    }

    Set<String> set(Watches.Watcher watcher, Set<String> users) {
        int before = watches.pairs();
        Set<String> added = watches.set(watcher, users);
        meters.watched(watches.pairs() - before);
        return added;
    }

    /** Answers when it is known how these users stand. */
    Future<Void> follow(Collection<String> uids) {
        List<String> unknown = watches.unknown(uids);
        return unknown.isEmpty() ? Future.succeededFuture() : ask(unknown);
    }

    Future<List<Status>> query(Collection<String> uids) {
        return bus.request(Addresses.STATUS_QUERY, new StatusQuery(List.copyOf(uids)))
                .map(answer -> answer.users());
    }

    Recv form(UserState state) {
        return forms.of(state);
    }

    void take(StatesChanged changed) {
        changed.users().forEach(watches::take);
        if (changed.gap()) {
            behind = true;
            catchUp();
        }
    }

    /** Says that there are still watchers, and does what failed before. */
    void renew() {
        if (watches.pairs() > 0) {
            bus.tell(Addresses.STATES_FOLLOW, new FollowUsers(List.of()));
            catchUp();
        }
    }

    private void catchUp() {
        if (behind && !catchingUp) {
            behind = false;
            catchingUp = true;
            catchUp(new ArrayList<>(watches.users()))
                    .onFailure(cause -> {
                        behind = true;
                        log.warn("watched users could not be read, it is tried again: {}", cause.getMessage());
                    })
                    .onComplete(done -> catchingUp = false);
        }
    }

    private Future<Void> catchUp(List<String> left) {
        if (left.isEmpty()) {
            return Future.succeededFuture();
        }
        int some = Math.min(left.size(), PAGE);
        return ask(List.copyOf(left.subList(0, some))).compose(done -> catchUp(left.subList(some, left.size())));
    }

    private Future<Void> ask(List<String> uids) {
        return bus.request(Addresses.STATES_FOLLOW, new FollowUsers(uids))
                .onSuccess(answer -> answer.users().forEach(watches::take))
                .mapEmpty();
    }
}
