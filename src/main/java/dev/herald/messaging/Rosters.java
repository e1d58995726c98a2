package dev.herald.messaging;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.vertx.core.Future;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/**
 * The rosters of channels, each good for one revision of its channel: since no batch is stored by an outdated revision,
 * nobody needs to invalidate one.
 */
final class Rosters {
    private static final long MAX_CACHED_UIDS = 2_000_000;

    private final MessageStore store;
    private final Cache<Long, AtRevision> cache = Caffeine.newBuilder()
            .maximumWeight(MAX_CACHED_UIDS)
            .<Long, AtRevision>weigher((pk, known) -> 1 + known.roster().size())
            .build();

    Rosters(MessageStore store) {
        this.store = store;
    }

    private record AtRevision(long revision, Roster roster) {}

    /** By primary key of the channel. */
    Future<Map<Long, Roster>> of(Collection<ChannelRow> channels) {
        Map<Long, Roster> known = new HashMap<>();
        Map<Long, ChannelRow> unknown = new HashMap<>();
        for (ChannelRow channel : channels) {
            AtRevision cached = cache.getIfPresent(channel.pk());
            if (cached != null && cached.revision() == channel.revision()) {
                known.put(channel.pk(), cached.roster());
            } else {
                unknown.put(channel.pk(), channel);
            }
        }
        if (unknown.isEmpty()) {
            return Future.succeededFuture(known);
        }
        return store.rosters(unknown.keySet()).map(rosters -> {
            unknown.forEach((pk, channel) -> {
                Roster roster = rosters.getOrDefault(pk, Roster.EMPTY);
                cache.put(pk, new AtRevision(channel.revision(), roster));
                known.put(pk, roster);
            });
            return known;
        });
    }
}
