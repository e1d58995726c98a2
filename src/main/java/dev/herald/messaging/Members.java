package dev.herald.messaging;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.vertx.core.Future;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The members of group channels, each set good for one revision of its channel: since every batch reads the revisions
 * anew, a stale set is never used and nobody needs to invalidate it.
 */
final class Members {
    private static final long MAX_CACHED_UIDS = 2_000_000;

    private final MessageStore store;
    private final Cache<Long, AtRevision> cache = Caffeine.newBuilder()
            .maximumWeight(MAX_CACHED_UIDS)
            .<Long, AtRevision>weigher((pk, members) -> 1 + members.uids().size())
            .build();

    Members(MessageStore store) {
        this.store = store;
    }

    private record AtRevision(long revision, Set<String> uids) {}

    /** The members by primary key of the channel. */
    Future<Map<Long, Set<String>>> of(Collection<ChannelRow> channels) {
        Map<Long, Set<String>> known = new HashMap<>();
        Map<Long, ChannelRow> unknown = new HashMap<>();
        for (ChannelRow channel : channels) {
            AtRevision cached = cache.getIfPresent(channel.pk());
            if (cached != null && cached.revision() == channel.revision()) {
                known.put(channel.pk(), cached.uids());
            } else {
                unknown.put(channel.pk(), channel);
            }
        }
        if (unknown.isEmpty()) {
            return Future.succeededFuture(known);
        }
        return store.members(unknown.keySet()).map(rows -> {
            unknown.forEach((pk, channel) -> {
                Set<String> uids = Set.copyOf(rows.getOrDefault(pk, List.of()));
                cache.put(pk, new AtRevision(channel.revision(), uids));
                known.put(pk, uids);
            });
            return known;
        });
    }
}
