package dev.herald.fanout;

import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

/**
 * What a reader has acknowledged; of that, what Redis knows for sure, and what it will know when it was lost.
 *
 * @param owed commands that the retention ended before they were acknowledged, until it is told to refresh everything
 */
record Seen(Set<Long> acknowledged, Set<Long> redis, Set<Long> postgres, Set<Long> owed) {
    static Seen of(Collection<Long> acknowledged, Collection<Long> redis) {
        return new Seen(new HashSet<>(acknowledged), new HashSet<>(redis), new HashSet<>(), new HashSet<>());
    }
}
