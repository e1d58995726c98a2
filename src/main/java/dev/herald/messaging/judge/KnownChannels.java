package dev.herald.messaging.judge;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.herald.model.ChannelKey;
import io.vertx.core.Future;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Channels as they were when last looked at, those that there are not included. Nobody is told of changes: whoever stores
 * by this has the revisions compared in the same statement, and forgets what is outdated.
 */
final class KnownChannels {
    private static final long MAX_CHANNELS = 200_000;

    private final ChannelTable table;
    private final Cache<ChannelKey, Optional<ChannelRow>> cache =
            Caffeine.newBuilder().maximumSize(MAX_CHANNELS).build();

    KnownChannels(ChannelTable table) {
        this.table = table;
    }

    /** Each of them, read only if it is not known. */
    Future<Map<ChannelKey, Optional<ChannelRow>>> of(Collection<ChannelKey> keys) {
        Map<ChannelKey, Optional<ChannelRow>> known = new HashMap<>();
        Set<ChannelKey> unknown = new HashSet<>();
        for (ChannelKey key : keys) {
            Optional<ChannelRow> cached = cache.getIfPresent(key);
            if (cached == null) {
                unknown.add(key);
            } else {
                known.put(key, cached);
            }
        }
        if (unknown.isEmpty()) {
            return Future.succeededFuture(known);
        }
        return table.find(unknown).map(rows -> {
            for (ChannelKey key : unknown) {
                Optional<ChannelRow> row = Optional.ofNullable(rows.get(key));
                cache.put(key, row);
                known.put(key, row);
            }
            return known;
        });
    }

    void forget(Collection<ChannelKey> keys) {
        cache.invalidateAll(keys);
    }
}
