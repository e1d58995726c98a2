package dev.herald.presence.reconcile;

import dev.herald.bus.message.PresenceMessage.SessionInfo;
import dev.herald.presence.reconcile.Drift.Kind;
import dev.herald.presence.registry.Look;
import dev.herald.presence.registry.Look.Entry;
import dev.herald.presencelog.UserPresence;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Finds where the registry, the sockets of this node and what was told of a user differ. */
final class Reconciler {
    private final String self;
    private final Set<String> nodes;
    private final boolean isSettled;

    /**
     * @param self this node's name
     * @param nodes names of all nodes, also of those that are being cleaned up after
     * @param isSettled false while nodes register themselves and their sessions: until then nobody is missing
     */
    Reconciler(String self, Set<String> nodes, boolean isSettled) {
        this.self = self;
        this.nodes = Set.copyOf(nodes);
        this.isSettled = isSettled;
    }

    /**
     * @param here the user's sessions whose sockets this node has
     * @return what is to be mended first; nothing, if all agree
     */
    List<Drift> compare(Look look, List<SessionInfo> here, UserPresence told) {
        Findings found = new Findings(look, told.seen());
        sessions(look, here, found);
        if (found.isEmpty()) {
            devices(look, found);
        }
        if (found.isEmpty() && isSettled && look.waiting() == 0) {
            told(look, told, found);
        }
        return found.all;
    }

    private static final class Findings {
        private final Look look;
        private final long changedAt;
        private final List<Drift> all = new ArrayList<>();

        Findings(Look look, long seen) {
            this.look = look;
            this.changedAt = Math.max(look.version(), seen);
        }

        boolean isEmpty() {
            return all.isEmpty();
        }

        /** Versions are the time of their making, but for those that a clock that went back made larger. */
        void add(Kind kind, String detail) {
            long ageMs = changedAt > 0 ? Math.max(0, look.nowMs() - changedAt) : -1;
            all.add(new Drift(kind, look.uid(), ageMs, detail));
        }
    }

    private void sessions(Look look, List<SessionInfo> here, Findings found) {
        Map<Long, Entry> entries = look.sessions().stream().collect(Collectors.toMap(Entry::id, Function.identity()));
        Set<Long> mine = new HashSet<>();
        for (SessionInfo session : here) {
            mine.add(session.id());
            Entry entry = entries.get(session.id());
            if (entry == null) {
                found.add(Kind.MISSING_SESSION, "session " + session.id());
            } else if (!entry.node().equals(self)) {
                found.add(Kind.MISPLACED_SESSION, "session " + session.id() + " at " + entry.node());
            }
        }
        for (Entry entry : look.sessions()) {
            if (entry.node().equals(self) && !mine.contains(entry.id())) {
                found.add(Kind.GHOST_SESSION, "session " + entry.id());
            } else if (isSettled && !nodes.contains(entry.node()) && !mine.contains(entry.id())) {
                found.add(Kind.ORPHAN_SESSION, entry.node());
            }
        }
    }

    private static void devices(Look look, Findings found) {
        Set<Integer> live = look.live();
        for (int flag : live) {
            if (!look.announced().containsKey(flag)) {
                found.add(Kind.UNANNOUNCED_DEVICE, "flag " + flag);
            }
        }
        look.announced().forEach((flag, due) -> {
            if (!live.contains(flag) && due == 0) {
                found.add(Kind.UNENDED_DEVICE, "flag " + flag);
            } else if (!live.contains(flag) && look.nowMs() - due > Look.PATIENCE_MS) {
                found.add(Kind.OVERDUE_HOLD, "flag %d for %d ms".formatted(flag, look.nowMs() - due));
            }
        });
        if (look.waiting() > 0 && look.nowMs() - look.waiting() > Look.PATIENCE_MS) {
            found.add(Kind.UNRECORDED_EDGE, "version " + look.waiting());
        }
    }

    private void told(Look look, UserPresence told, Findings found) {
        Set<Integer> online = told.devices().keySet();
        for (int flag : online) {
            if (!look.announced().containsKey(flag)) {
                found.add(Kind.TOLD_ONLINE, "flag " + flag);
            }
        }
        List<Integer> untold = look.announced().keySet().stream()
                .filter(flag -> !online.contains(flag))
                .toList();
        if (!untold.isEmpty() && untold.stream().allMatch(flag -> isElsewhere(look, flag))) {
            return;
        }
        untold.forEach(flag -> found.add(Kind.UNTOLD_ONLINE, "flag " + flag));
        if (found.isEmpty() && !look.announced().isEmpty() && look.version() < told.seen()) {
            found.add(Kind.OLD_VERSION, look.version() + " after " + told.seen());
        }
    }

    /** All its sessions are on other nodes: one of those has to say that the device is there before it is told. */
    private boolean isElsewhere(Look look, int flag) {
        List<Entry> sessions = look.sessions().stream()
                .filter(session -> session.flag() == flag)
                .toList();
        return !sessions.isEmpty()
                && sessions.stream().noneMatch(session -> session.node().equals(self));
    }
}
