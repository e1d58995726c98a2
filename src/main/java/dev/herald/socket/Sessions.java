package dev.herald.socket;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** The sessions of one instance, by id and by user. */
final class Sessions {
    private final Map<Long, Session> byId = new HashMap<>();
    /** The lists never change, they are replaced. */
    private final Map<String, List<Session>> byUid = new HashMap<>();

    void add(Session session) {
        byId.put(session.info().id(), session);
        byUid.merge(session.info().uid(), List.of(session), Sessions::concat);
    }

    void remove(Session session) {
        byId.remove(session.info().id());
        byUid.computeIfPresent(session.info().uid(), (uid, list) -> {
            List<Session> left = list.stream().filter(other -> other != session).toList();
            return left.isEmpty() ? null : left;
        });
    }

    Optional<Session> byId(long id) {
        return Optional.ofNullable(byId.get(id));
    }

    /** A copy, since serving a session may end it. */
    List<Session> all() {
        return List.copyOf(byId.values());
    }

    /** As it is now: serving a session may end it. */
    List<Session> of(String uid) {
        return byUid.getOrDefault(uid, List.of());
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

    private static List<Session> concat(List<Session> some, List<Session> more) {
        return Stream.concat(some.stream(), more.stream()).toList();
    }
}
