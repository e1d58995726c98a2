package dev.herald.presence;

import dev.herald.bus.message.PresenceMessage.SessionInfo;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The sessions that this node has put into the registry. */
final class Residents {
    private final Map<String, List<SessionInfo>> byUid = new HashMap<>();
    private final Map<Long, String> uids = new HashMap<>();

    void add(SessionInfo session) {
        if (uids.put(session.id(), session.uid()) == null) {
            byUid.computeIfAbsent(session.uid(), uid -> new ArrayList<>(1)).add(session);
        }
    }

    void remove(long id) {
        String uid = uids.remove(id);
        if (uid != null) {
            byUid.computeIfPresent(uid, (user, list) -> {
                list.removeIf(session -> session.id() == id);
                return list.isEmpty() ? null : list;
            });
        }
    }

    boolean has(String uid) {
        return byUid.containsKey(uid);
    }

    Optional<String> uidOf(long id) {
        return Optional.ofNullable(uids.get(id));
    }

    List<SessionInfo> of(String uid) {
        return List.copyOf(byUid.getOrDefault(uid, List.of()));
    }

    int size() {
        return uids.size();
    }

    List<SessionInfo> all() {
        return byUid.values().stream().flatMap(Collection::stream).toList();
    }

    List<String> users() {
        return List.copyOf(byUid.keySet());
    }

    /** Forgets every session; gives what there was. */
    List<SessionInfo> clear() {
        List<SessionInfo> all = all();
        byUid.clear();
        uids.clear();
        return all;
    }
}
