package dev.herald.messaging;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.herald.channel.Channels;
import dev.herald.messaging.RosterTable.Change;
import dev.herald.postgres.PgClients;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The rosters of channels, each as of a revision of its channel: since no batch is stored by an outdated revision, nobody
 * needs to invalidate one. What is outdated is brought up to date by what has changed since.
 */
final class Rosters {
    private static final long MAX_CACHED_UIDS = 2_000_000;
    private static final AtRevision NOBODY = new AtRevision(RosterTable.NOTHING, Roster.EMPTY);

    private final RosterTable table;
    private final Channels channels;
    private final Map<Long, Future<AtRevision>> loading = new HashMap<>();

    /**
     * What was read so long ago that departures since may be forgotten is read anew. One roster fits however large it is:
     * else it would be read again and again.
     */
    private final Cache<Long, AtRevision> cache = Caffeine.newBuilder()
            .maximumWeight(MAX_CACHED_UIDS)
            .<Long, AtRevision>weigher((pk, known) ->
                    (int) Math.min(MAX_CACHED_UIDS, 1L + known.roster().size()))
            .expireAfterWrite(Channels.DEPARTURES_KEPT.dividedBy(2))
            .build();

    Rosters(PgClients pg) {
        this.table = new RosterTable(pg);
        this.channels = new Channels(pg, false);
    }

    private record AtRevision(long revision, Roster roster) {}

    /**
     * What can be had without keeping others waiting.
     *
     * @param rosters by primary key of the channel
     * @param loading of those that have too many members; to be asked for again
     */
    record Known(Map<Long, Roster> rosters, Set<Long> loading) {}

    /** @param revisions by primary key of the channel; a later one will do */
    Future<Known> of(Map<Long, Long> revisions) {
        Known known = new Known(new HashMap<>(), new HashSet<>());
        Map<Long, AtRevision> outdated = new HashMap<>();
        revisions.forEach((pk, revision) -> {
            AtRevision cached = cache.getIfPresent(pk);
            if (cached != null && cached.revision >= revision) {
                known.rosters.put(pk, cached.roster);
            } else if (loading.containsKey(pk)) {
                known.loading.add(pk);
            } else {
                outdated.put(pk, cached == null ? NOBODY : cached);
            }
        });
        return outdated.isEmpty()
                ? Future.succeededFuture(known)
                : changes(outdated).map(changes -> {
                    outdated.forEach((pk, before) -> take(known, pk, before, changes.get(pk)));
                    return known;
                });
    }

    /** The same, however long it takes. */
    Future<Map<Long, Roster>> all(Map<Long, Long> revisions) {
        return of(revisions).compose(known -> {
            List<Future<AtRevision>> awaited = known.loading.stream()
                    .flatMap(pk -> Stream.ofNullable(loading.get(pk)))
                    .toList();
            return known.loading.isEmpty()
                    ? Future.succeededFuture(known.rosters)
                    : Future.all(awaited).compose(loaded -> all(revisions));
        });
    }

    private void take(Known known, long pk, AtRevision before, @Nullable Change change) {
        if (change == null) {
            known.rosters.put(pk, Roster.EMPTY);
        } else if (change.isWhole()) {
            known.rosters.put(pk, keep(pk, before, change).roster);
        } else {
            known.loading.add(pk);
            if (!loading.containsKey(pk)) {
                Future<AtRevision> load = load(pk, change.revision());
                loading.put(pk, load);
                load.onComplete(done -> loading.remove(pk));
            }
        }
    }

    private AtRevision keep(long pk, AtRevision before, Change change) {
        AtRevision now = new AtRevision(change.revision(), change.of(before.roster.members()));
        return cache.asMap().merge(pk, now, (known, other) -> known.revision > other.revision ? known : other);
    }

    /** A page at a time, so that others have their turns between; then what changed meanwhile. */
    private Future<AtRevision> load(long pk, long revision) {
        return pages(pk, "", new ArrayList<>()).compose(uids -> {
            AtRevision then = new AtRevision(revision, new Roster(Set.copyOf(uids), Set.of(), Set.of()));
            return changes(Map.of(pk, then)).compose(changes -> {
                Change change = Objects.requireNonNull(changes.get(pk));
                return change.isWhole() ? Future.succeededFuture(keep(pk, then, change)) : load(pk, change.revision());
            });
        });
    }

    private Future<List<String>> pages(long pk, String after, List<String> uids) {
        return channels.members(pk, after, RosterTable.MOST).compose(page -> {
            uids.addAll(page);
            return page.size() < RosterTable.MOST ? Future.succeededFuture(uids) : pages(pk, page.getLast(), uids);
        });
    }

    private Future<Map<Long, Change>> changes(Map<Long, AtRevision> since) {
        Map<Long, Long> revisions = new HashMap<>();
        since.forEach((pk, known) -> revisions.put(pk, known.revision));
        return table.since(revisions);
    }
}
