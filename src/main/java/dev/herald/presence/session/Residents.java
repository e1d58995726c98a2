package dev.herald.presence.session;

import dev.herald.bus.message.PresenceMessage.SessionInfo;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The sessions that this node has put into the registry. */
public final class Residents {
    private final Map<String, List<SessionInfo>> byUid = new HashMap<>();
    private final Map<Long, Resident> byId = new HashMap<>();

    private static final class Resident {
        final SessionInfo session;
        int missed;

        Resident(SessionInfo session) {
            this.session = session;
        }
    }

    public void add(SessionInfo session) {
        if (byId.putIfAbsent(session.id(), new Resident(session)) == null) {
            byUid.computeIfAbsent(session.uid(), uid -> new ArrayList<>(1)).add(session);
        }
    }

    void remove(long id) {
        Resident gone = byId.remove(id);
        if (gone != null) {
            byUid.computeIfPresent(gone.session.uid(), (user, list) -> {
                list.remove(gone.session);
                return list.isEmpty() ? null : list;
            });
        }
    }

    public boolean has(String uid) {
        return byUid.containsKey(uid);
    }

    public boolean has(long id) {
        return byId.containsKey(id);
    }

    Optional<String> uidOf(long id) {
        return Optional.ofNullable(byId.get(id)).map(resident -> resident.session.uid());
    }

    public List<SessionInfo> of(String uid) {
        return List.copyOf(byUid.getOrDefault(uid, List.of()));
    }

    public int size() {
        return byId.size();
    }

    public List<String> users() {
        return List.copyOf(byUid.keySet());
    }

    /** Takes note of one more report; gives the sessions that were in none of the last so many. */
    public List<SessionInfo> missed(List<SessionInfo> reported, int times) {
        byId.values().forEach(resident -> resident.missed++);
        for (SessionInfo session : reported) {
            Resident resident = byId.get(session.id());
            if (resident != null) {
                resident.missed = 0;
            }
        }
        return byId.values().stream()
                .filter(resident -> resident.missed >= times)
                .map(resident -> resident.session)
                .toList();
    }

    /** Forgets every session; gives what there was. */
    List<SessionInfo> clear() {
        List<SessionInfo> all =
                byId.values().stream().map(resident -> resident.session).toList();
        byUid.clear();
        byId.clear();
        return all;
    }
}
