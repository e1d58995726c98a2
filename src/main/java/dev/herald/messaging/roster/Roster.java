package dev.herald.messaging.roster;

import java.util.Set;

/**
 * Who is in a channel and who may write to it: that of the group, or of the person who receives.
 *
 * @param whitelist those who alone may write
 */
public record Roster(Set<String> members, Set<String> blacklist, Set<String> whitelist) {
    public static final Roster EMPTY = new Roster(Set.of(), Set.of(), Set.of());

    int size() {
        return members.size() + blacklist.size() + whitelist.size();
    }
}
