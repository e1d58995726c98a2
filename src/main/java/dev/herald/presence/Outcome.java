package dev.herald.presence;

import java.util.ArrayList;
import java.util.List;

/**
 * What a change did, in the words of {@code session-change.lua}.
 *
 * @param verb of the change that was carried out
 * @param version of the user's presence after it
 * @param left sessions of the user on the asking node after it
 * @param edges of the user that the asking node has to record: its own and those that others left, by version
 */
record Outcome(String verb, long version, int left, List<Removed> removed, List<Edge> edges) {

    /** @param silent the client is told nothing and is free to come back */
    record Removed(long id, int flag, boolean silent) {}

    static Outcome parse(String uid, String text) {
        String[] words = text.split(" ", -1);
        List<Removed> removed = new ArrayList<>();
        List<Edge> edges = new ArrayList<>();
        for (int i = 4; i < words.length; i++) {
            String word = words[i].substring(1);
            if (words[i].charAt(0) == '-') {
                String[] part = word.split(":", -1);
                removed.add(new Removed(Long.parseLong(part[0]), Integer.parseInt(part[1]), part[2].equals("1")));
            } else {
                edges.add(Edge.parse(uid, word));
            }
        }
        return new Outcome(words[1], Long.parseLong(words[2]), Integer.parseInt(words[3]), removed, edges);
    }

    /** The removed sessions whose sockets are closed with, or without, a word. */
    List<Long> closed(boolean silent) {
        return removed.stream()
                .filter(session -> session.silent() == silent)
                .map(Removed::id)
                .toList();
    }
}
