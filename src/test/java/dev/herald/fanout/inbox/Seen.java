package dev.herald.fanout.inbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a reader has acknowledged; of that, what Redis knows for sure, and what it will know when it was lost.
 *
 * @param owed commands that the retention ended before they were acknowledged, until it is told to refresh everything
 */
public record Seen(Set<Long> acknowledged, Set<Long> redis, Set<Long> postgres, Set<Long> owed) {
    static Seen of(Collection<Long> acknowledged, Collection<Long> redis) {
        return new Seen(new HashSet<>(acknowledged), new HashSet<>(redis), new HashSet<>(), new HashSet<>());
    }

    /** Each before the next: as it was, or by the ids. */
    static void inOrder(List<Long> ids, Map<Long, Integer> places) {
        for (int i = 1; i < ids.size(); i++) {
            long before = ids.get(i - 1);
            long after = ids.get(i);
            assertThat(before < after || places.get(before) < places.get(after))
                    .as("%d before %d in %s", before, after, ids)
                    .isTrue();
        }
    }

    static List<Long> ids(List<Pointer> pointers) {
        return pointers.stream().map(Pointer::commandId).toList();
    }

    static List<Long> without(Collection<Long> ids, Set<Long> others) {
        return new ArrayList<>(ids.stream().filter(id -> !others.contains(id)).toList());
    }
}
