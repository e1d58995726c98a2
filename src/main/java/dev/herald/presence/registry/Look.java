package dev.herald.presence.registry;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What the registry says of one user, in the words of {@code session-look.lua}.
 *
 * @param nowMs when it was looked at, by Redis' clock
 * @param waiting version of the oldest edge that is not recorded; 0: none
 * @param announced flags that were told to be online, each with the time at which its hold ends; 0: it is not held
 */
public record Look(
        String uid, long nowMs, long version, long waiting, List<Entry> sessions, Map<Integer, Long> announced) {
    /** An edge is recorded, and a hold ended, within a second or so; later than that it was forgotten. */
    public static final long PATIENCE_MS = 15_000;

    private static final int HEAD = 3;

    /** @param node the name of the node that holds the socket */
    public record Entry(long id, int flag, String node) {}

    public Look {
        sessions = List.copyOf(sessions);
        announced = Map.copyOf(announced);
    }

    static Look parse(String uid, String text) {
        String[] words = text.split(" ", -1);
        List<Entry> sessions = new ArrayList<>();
        Map<Integer, Long> announced = new HashMap<>();
        for (int i = HEAD; i < words.length; i++) {
            String[] part = words[i].substring(1).split(":", -1);
            if (words[i].charAt(0) == 's') {
                sessions.add(new Entry(Long.parseLong(part[0]), Integer.parseInt(part[1]), part[2]));
            } else {
                announced.put(Integer.parseInt(part[0]), Long.parseLong(part[1]));
            }
        }
        return new Look(
                uid, Long.parseLong(words[0]), Long.parseLong(words[1]), Long.parseLong(words[2]), sessions, announced);
    }

    /** Flags with at least one session. */
    public Set<Integer> live() {
        return sessions.stream().map(Entry::flag).collect(Collectors.toSet());
    }
}
