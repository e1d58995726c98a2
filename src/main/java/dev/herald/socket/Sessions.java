package dev.herald.socket;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The sessions of one instance, by id and by user. */
final class Sessions {
    private final Map<Long, Session> byId = new HashMap<>();
    private final Map<String, List<Session>> byUid = new HashMap<>();

    private final NodeUsers users;

    /** @param users of the node, which these are counted among */
    Sessions(NodeUsers users) {
        this.users = users;
    }

    void add(Session session) {
        byId.put(session.info().id(), session);
        byUid.computeIfAbsent(session.info().uid(), uid -> new ArrayList<>(1)).add(session);
        users.add(session.info().uid());
    }

    void remove(Session session) {
        if (byId.remove(session.info().id()) == null) {
            return;
        }
        users.remove(session.info().uid());
        byUid.computeIfPresent(session.info().uid(), (uid, list) -> {
            list.remove(session);
            return list.isEmpty() ? null : list;
        });
    }

    Optional<Session> byId(long id) {
        return Optional.ofNullable(byId.get(id));
    }

    /** A copy, since serving a session may end it. */
    List<Session> all() {
        return List.copyOf(byId.values());
    }

    /** A copy, since serving a session may end it. */
    List<Session> of(String uid) {
        return List.copyOf(byUid.getOrDefault(uid, List.of()));
    }

    /** A copy, found at the cost of the smaller side: the users asked for, or those that are here. */
    List<Session> of(Set<String> uids) {
        List<Session> found = new ArrayList<>();
        boolean fewAsked = uids.size() <= byUid.size();
        Collection<String> candidates = fewAsked ? uids : byUid.keySet();
        for (String uid : candidates) {
            if (fewAsked || uids.contains(uid)) {
                found.addAll(byUid.getOrDefault(uid, List.of()));
            }
        }
        return found;
    }
}
