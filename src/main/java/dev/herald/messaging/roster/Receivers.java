package dev.herald.messaging.roster;

import dev.herald.model.ChannelKey;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Who receives a message: the members, and those whom the id of its channel names. */
public final class Receivers {
    private Receivers() {}

    /** @param stored the key that the channel is stored under */
    public static Set<String> of(ChannelKey stored, Set<String> members) {
        List<String> insiders = stored.insiders();
        if (members.containsAll(insiders)) {
            return members;
        }
        Set<String> all = new HashSet<>(members);
        all.addAll(insiders);
        return all;
    }

    /** All of them, if the channel's id names them; else none. */
    public static Set<String> named(ChannelKey stored) {
        return stored.sides().isEmpty() ? Set.of() : Set.copyOf(stored.insiders());
    }
}
