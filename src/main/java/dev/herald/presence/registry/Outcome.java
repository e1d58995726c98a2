package dev.herald.presence.registry;

import dev.herald.presence.node.NodeKeys;
import dev.herald.presencelog.Edge;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a change did, in the words of {@code session-change.lua}.
 *
 * @param verb of the change that was carried out
 * @param version of the user's presence after it
 * @param waitMs until the next hold of the user ends; -1: nothing is held
 * @param cancelled holds that a return ended
 * @param added sessions, or announced flags, that were not there
 * @param moved sessions that were another node's, or flags that are announced no more
 * @param changed whether this change, and not one before it, changed anything
 * @param edges of the user that the asking node has to record: its own and those that others left, by version
 */
public record Outcome(
        String verb,
        long version,
        long waitMs,
        int cancelled,
        int added,
        int moved,
        boolean changed,
        List<Removed> removed,
        List<Edge> edges) {
    private static final int HEAD = 8;

    /**
     * @param silent the client is told nothing and is free to come back
     * @param crowded it made room, since the user had too many of its flag
     */
    public record Removed(long id, int flag, boolean silent, boolean crowded) {}

    static Outcome parse(String uid, String text) {
        String[] words = text.split(" ", -1);
        List<Removed> removed = new ArrayList<>();
        List<Edge> edges = new ArrayList<>();
        for (int i = HEAD; i < words.length; i++) {
            String word = words[i].substring(1);
            if (words[i].charAt(0) == '-') {
                String[] part = word.split(":", -1);
                removed.add(new Removed(
                        Long.parseLong(part[0]), Integer.parseInt(part[1]), part[2].equals("1"), part[2].equals("2")));
            } else {
                edges.add(edge(uid, word));
            }
        }
        return new Outcome(
                words[1],
                Long.parseLong(words[2]),
                Long.parseLong(words[3]),
                Integer.parseInt(words[4]),
                Integer.parseInt(words[5]),
                Integer.parseInt(words[6]),
                words[7].equals("1"),
                removed,
                edges);
    }

    /** The removed sessions whose sockets are closed with, or without, a word. */
    public List<Long> closed(boolean silent) {
        return removed.stream()
                .filter(session -> session.silent() == silent)
                .map(Removed::id)
                .toList();
    }

    /** How many sessions made room for one more. */
    public long crowded() {
        return removed.stream().filter(Removed::crowded).count();
    }

    private static Edge edge(String uid, String text) {
        String[] part = text.split(":", -1);
        return new Edge(
                uid,
                Long.parseLong(part[0]),
                part[1].equals("1"),
                Integer.parseInt(part[2]),
                devices(part[8]),
                Long.parseLong(part[3]),
                NodeKeys.incarnation(part[4]),
                part[5],
                Long.parseLong(part[6]),
                Long.parseLong(part[7]));
    }

    private static Map<Integer, Integer> devices(String text) {
        Map<Integer, Integer> devices = new HashMap<>();
        for (String device : text.isEmpty() ? new String[0] : text.split(",", -1)) {
            int equals = device.indexOf('=');
            devices.put(Integer.parseInt(device.substring(0, equals)), Integer.parseInt(device.substring(equals + 1)));
        }
        return devices;
    }
}
