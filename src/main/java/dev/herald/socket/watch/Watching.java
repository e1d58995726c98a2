package dev.herald.socket.watch;

import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.message.PresenceMessage.FollowUsers;
import dev.herald.bus.message.PresenceMessage.StatesChanged;
import dev.herald.bus.message.PresenceMessage.Status;
import dev.herald.bus.message.PresenceMessage.StatusQuery;
import dev.herald.bus.message.PresenceMessage.UserState;
import dev.herald.config.HeraldConfig;
import dev.herald.config.HeraldConfig.Presence.Watch;
import dev.herald.lifecycle.Periodic;
import dev.herald.presencelog.WatchLists.WatchList;
import dev.herald.socket.delivery.Client;
import dev.herald.wire.Frame.Recv;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** Whom the clients of one instance watch: it asks how these users stand, and is told what changes. */
public final class Watching {
    /** Users in one question. */
    private static final int PAGE = 1_000;

    /** Users in one look, so that many cost no more in the same time; they are looked at less often. */
    static final int MAX_LOOK = 10_000;

    private final Bus bus;
    private final ListReads lists;
    private final boolean anybody;
    private final WatchMeters meters;
    private final Watches watches;
    private final OnlineStatus forms = new OnlineStatus();
    /** Those who are still to be looked at, before all of them are again. */
    private final Deque<String> round = new ArrayDeque<>();

    private final Periodic looks;
    private boolean gap;

    /**
     * @param changedLists of the lists at these revisions those that are not at them any more
     * @param lookInterval how often to look whether somebody has become active, or is no more
     */
    public Watching(
            Vertx vertx,
            Bus bus,
            Function<Map<String, Long>, Future<Map<String, WatchList>>> changedLists,
            HeraldConfig.Presence config,
            Duration lookInterval,
            MeterRegistry registry) {
        this.bus = bus;
        this.lists = new ListReads(changedLists);
        this.anybody = config.watch() == Watch.ANYBODY;
        this.watches = new Watches(Watches.BOUND, config.activeWithin());
        this.meters = new WatchMeters(vertx, registry);
        this.looks = Periodic.start(vertx, "watching", lookInterval, this::look);
    }

    public SessionWatch by(String uid, Client client) {
        return new SessionWatch(uid, client, this);
    }

    /** Whether clients may watch whom they like, and not only those on their list. */
    boolean anybody() {
        return anybody;
    }

    Watches watches() {
        return watches;
    }

    WatchMeters meters() {
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

    public void take(StatesChanged changed) {
        changed.users().forEach(this::take);
        if (changed.gap()) {
            gap = true;
            looks.nudge();
        }
    }

    public Future<Void> stop() {
        meters.close();
        return looks.stop();
    }

    /**
     * Asks how the next of the watched users stand, all of them after a gap: so it shows when users become active, or
     * are no more, and whatever was not told. It also says that there are still watchers.
     */
    private Future<Void> look() {
        if (watches.pairs() == 0) {
            return Future.succeededFuture();
        }
        boolean all = gap;
        gap = false;
        if (all) {
            round.clear();
        }
        if (round.isEmpty()) {
            round.addAll(watches.users());
        }
        return look(all ? round.size() : MAX_LOOK).onFailure(cause -> gap |= all);
    }

    private Future<Void> look(int most) {
        List<String> page = new ArrayList<>();
        while (page.size() < Math.min(most, PAGE) && !round.isEmpty()) {
            page.add(round.remove());
        }
        return page.isEmpty() ? Future.succeededFuture() : ask(page).compose(done -> look(most - page.size()));
    }

    private Future<Void> ask(List<String> uids) {
        return bus.request(Addresses.STATES_FOLLOW, new FollowUsers(uids))
                .onSuccess(answer -> answer.users().forEach(this::take))
                .mapEmpty();
    }

    private void take(UserState state) {
        watches.take(state, System.currentTimeMillis());
    }
}
