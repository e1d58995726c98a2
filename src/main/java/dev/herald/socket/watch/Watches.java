package dev.herald.socket.watch;

import dev.herald.bus.message.PresenceMessage.UserState;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who watches whom on one instance, how the watched users stand, and what each watcher is owed: of a user only the
 * newest state, however often it changed before the watcher could take it. States come in any order, and any number of
 * times: the highest version counts, and the latest activity.
 */
final class Watches {
    /** Watched users of all watchers together: at some 100 bytes each it bounds what they cost. */
    static final int BOUND = 500_000;

    /** Whoever is told. */
    interface Watcher {
        /** False while it is behind with what it was told: the rest stays owed until {@link #settle}. */
        boolean hasRoom();

        void tell(UserState state);
    }

    private static final class Watched {
        private final Set<Watcher> by = new HashSet<>();
        private @Nullable UserState state;
    }

    private static final class Debt {
        private Set<String> users = Set.of();
        private final LinkedHashSet<String> owed = new LinkedHashSet<>();
    }

    private final int bound;
    private final long activeForMs;
    private final Map<String, Watched> users = new HashMap<>();
    private final Map<Watcher, Debt> watchers = new HashMap<>();
    private int pairs;

    /** @param activeFor how long a user stays active after doing something */
    Watches(int bound, Duration activeFor) {
        this.bound = bound;
        this.activeForMs = activeFor.toMillis();
    }

    /** Watched users, each as often as it is watched. */
    int pairs() {
        return pairs;
    }

    Set<String> users() {
        return users.keySet();
    }

    Set<String> of(Watcher watcher) {
        Debt debt = watchers.get(watcher);
        return debt == null ? Set.of() : debt.users;
    }

    /** Whether a watcher can watch these instead of whom it watches. */
    boolean hasRoom(Watcher watcher, Set<String> wanted) {
        return pairs - of(watcher).size() + wanted.size() <= bound;
    }

    /**
     * From now on the watcher is told of changes of these users, and of no others.
     *
     * @return those whom it did not watch before: of them it is told nothing yet
     */
    Set<String> set(Watcher watcher, Set<String> wanted) {
        Debt debt = watchers.computeIfAbsent(watcher, it -> new Debt());
        Set<String> added = new LinkedHashSet<>();
        for (String uid : debt.users) {
            if (!wanted.contains(uid)) {
                unlink(watcher, uid);
                debt.owed.remove(uid);
            }
        }
        for (String uid : wanted) {
            if (!debt.users.contains(uid)) {
                users.computeIfAbsent(uid, it -> new Watched()).by.add(watcher);
                added.add(uid);
            }
        }
        pairs += wanted.size() - debt.users.size();
        debt.users = wanted;
        if (wanted.isEmpty()) {
            watchers.remove(watcher);
        }
        return added;
    }

    /** Those of whom it is not known how they stand. */
    List<String> unknown(Collection<String> uids) {
        return uids.stream()
                .filter(uid -> users.containsKey(uid) && state(uid).isEmpty())
                .toList();
    }

    Optional<UserState> state(String uid) {
        Watched watched = users.get(uid);
        return watched == null ? Optional.empty() : Optional.ofNullable(watched.state);
    }

    /**
     * Takes what is newer than what is known; what watchers can see of it they are told, now or when they have room.
     * That an activity is long ago shows when anything is taken of its user. Where single devices are no events, which
     * one to show changes without a version; of a user who is offline the table and the event name different ones, and
     * none is there.
     */
    void take(UserState state, long nowMs) {
        Watched watched = users.get(state.uid());
        if (watched == null) {
            return;
        }
        UserState before = watched.state;
        UserState after = before == null || before.version() < state.version() ? state : before;
        if (after.online() && after.version() == state.version()) {
            after = after.showing(state.mainDeviceFlag());
        }
        long activeMs = Math.max(state.activeMs(), before == null ? 0 : before.activeMs());
        after = after.activeAt(after.online() && activeMs + activeForMs > nowMs ? activeMs : 0);
        watched.state = after;
        if (before != null && isVisible(before, after)) {
            List<String> one = List.of(state.uid());
            List.copyOf(watched.by).forEach(watcher -> owe(watcher, one));
        }
    }

    /** Tells the watcher how these of the users whom it watches stand, now or when it has room. */
    void owe(Watcher watcher, Collection<String> uids) {
        Debt debt = watchers.get(watcher);
        if (debt != null) {
            uids.stream().filter(debt.users::contains).forEach(debt.owed::add);
            settle(watcher);
        }
    }

    /** Tells the watcher what it is owed, as long as it has room. */
    void settle(Watcher watcher) {
        Debt debt = watchers.get(watcher);
        if (debt == null) {
            return;
        }
        while (!debt.owed.isEmpty() && watcher.hasRoom()) {
            // Of whom nothing was ever told there is nothing to tell.
            state(debt.owed.removeFirst()).filter(known -> known.version() > 0).ifPresent(watcher::tell);
        }
    }

    private void unlink(Watcher watcher, String uid) {
        users.computeIfPresent(uid, (it, watched) -> {
            watched.by.remove(watcher);
            return watched.by.isEmpty() ? null : watched;
        });
    }

    /** A further device that is not the one to show leaves the user as he was. */
    private static boolean isVisible(UserState before, UserState after) {
        return before.online() != after.online()
                || before.sinceMs() != after.sinceMs()
                || before.mainDeviceFlag() != after.mainDeviceFlag()
                || before.active() != after.active();
    }
}
