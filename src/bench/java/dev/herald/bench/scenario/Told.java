package dev.herald.bench.scenario;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the back end has been told of users who come and go, beside what they did. Whoever is back within the server's
 * grace has not changed for it, so fewer changes may be told than there were, but never more; in the end the last one must
 * be right.
 */
final class Told {
    /** {@code uid-flag-online-session-device's count-user's count}; a uid may hold dashes itself. */
    private static final int FIELDS_BEHIND_UID = 5;

    private final Map<String, User> users = new HashMap<>();
    private long events;

    private static final class User {
        private final Set<String> events = new HashSet<>();
        private boolean isOnline;
        private boolean toldOnline;
        private int changes;

        boolean isWrong() {
            return isOnline != toldOnline || events.size() > changes;
        }
    }

    /** @param uids everybody else is of another run */
    Told(List<String> uids) {
        uids.forEach(uid -> users.put(uid, new User()));
    }

    /** The user has come or gone. */
    synchronized void changed(String uid, boolean online) {
        User user = users.get(uid);
        user.isOnline = online;
        user.changes++;
    }

    /** The back end was told this, which a server may repeat. */
    synchronized void hear(String event) {
        List<String> parts = List.of(event.split("-", -1));
        int uidParts = Math.max(0, parts.size() - FIELDS_BEHIND_UID);
        User user = users.get(String.join("-", parts.subList(0, uidParts)));
        if (user != null && user.events.add(event)) {
            events++;
            user.toldOnline = !parts.getLast().equals("0");
        }
    }

    synchronized long events() {
        return events;
    }

    synchronized List<String> wrong() {
        return users.keySet().stream().filter(uid -> users.get(uid).isWrong()).toList();
    }
}
