package dev.herald.messaging;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.vertx.core.Future;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiPredicate;

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
        Map<Long, Long> revisions = new HashMap<>();
        channels.forEach(channel -> revisions.put(channel.pk(), channel.revision()));
        return find(revisions, Long::equals);
    }

    /** @param revisions by primary key of the channel; a later one will do */
    Future<Map<Long, Roster>> atLeast(Map<Long, Long> revisions) {
        return find(revisions, (cached, asked) -> cached >= asked);
    }

    private Future<Map<Long, Roster>> find(Map<Long, Long> revisions, BiPredicate<Long, Long> isGood) {
        Map<Long, Roster> known = new HashMap<>();
        Map<Long, Long> unknown = new HashMap<>();
        revisions.forEach((pk, revision) -> {
            AtRevision cached = cache.getIfPresent(pk);
            if (cached != null && isGood.test(cached.revision(), revision)) {
                known.put(pk, cached.roster());
            } else {
                unknown.put(pk, revision);
            }
        });
        if (unknown.isEmpty()) {
            return Future.succeededFuture(known);
        }
        return store.rosters(unknown.keySet()).map(rosters -> {
            unknown.forEach((pk, revision) -> {
                Roster roster = rosters.getOrDefault(pk, Roster.EMPTY);
                cache.put(pk, new AtRevision(revision, roster));
                known.put(pk, roster);
            });
            return known;
        });
    }
}
