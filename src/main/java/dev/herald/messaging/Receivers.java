package dev.herald.messaging;

import dev.herald.model.ChannelKey;
import dev.herald.model.Uid;
import java.util.HashSet;
import java.util.Set;

/** Who receives a message: the members, and those whom the id of its channel names (wukong-interfaces section 4.1). */
final class Receivers {
    private static final char AFTER_VISITOR = '|';

    private Receivers() {}

    /** @param stored the key that the channel is stored under */
    static Set<String> of(ChannelKey stored, Set<String> members) {
        return switch (stored.type()) {
            case ChannelKey.PERSON, ChannelKey.AGENT -> sides(stored);
            case ChannelKey.VISITORS -> with(members, stored.id());
            case ChannelKey.CUSTOMER_SERVICE -> {
                int end = stored.id().indexOf(AFTER_VISITOR);
                yield end <= 0 ? members : with(members, stored.id().substring(0, end));
            }
            default -> members;
        };
    }

    /** All of them, if the channel's id names them; else none. */
    static Set<String> named(ChannelKey stored) {
        return stored.type() == ChannelKey.PERSON || stored.type() == ChannelKey.AGENT ? sides(stored) : Set.of();
    }

    private static Set<String> sides(ChannelKey stored) {
        Set<String> sides = new HashSet<>(stored.sides());
        sides.remove(Uid.SYSTEM);
        return sides;
    }

    private static Set<String> with(Set<String> members, String visitor) {
        if (members.contains(visitor)) {
            return members;
        }
        Set<String> all = new HashSet<>(members);
        all.add(visitor);
        return all;
    }
}
