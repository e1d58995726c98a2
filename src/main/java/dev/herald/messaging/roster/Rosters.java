package dev.herald.messaging.roster;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.herald.channel.AccessList;
import dev.herald.channel.Channels;
import dev.herald.channel.Listed;
import dev.herald.messaging.roster.RosterTable.Change;
import dev.herald.messaging.roster.RosterTable.Place;
import dev.herald.postgres.PgClients;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The rosters of channels, each as of a revision of its channel: since no batch is stored by an outdated revision, nobody
 * needs to invalidate one. What is outdated is brought up to date by what has changed since.
 */
public final class Rosters {
    private static final long MAX_CACHED_UIDS = 2_000_000;
    private static final Read NOBODY = new Read(Place.NOTHING, Roster.EMPTY);

    private final RosterTable table;
    private final Channels channels;
    private final Map<Long, Future<Read>> loading = new HashMap<>();

    /**
     * What was read so long ago that departures since may be forgotten is read anew. One roster fits however large it is:
     * else it would be read again and again.
     */
    private final Cache<Long, Read> cache = Caffeine.newBuilder()
            .maximumWeight(MAX_CACHED_UIDS)
            .<Long, Read>weigher((pk, known) ->
                    (int) Math.min(MAX_CACHED_UIDS, 1L + known.roster().size()))
            .expireAfterWrite(Channels.DEPARTURES_KEPT.dividedBy(2))
            .build();

    public Rosters(PgClients pg) {
        this.table = new RosterTable(pg);
        this.channels = new Channels(pg, false);
    }

    private record Read(Place place, Roster roster) {}

    /**
     * What can be had without keeping others waiting.
     *
     * @param rosters by primary key of the channel
     * @param loads of those that have too many members; to be asked for again, once theirs has succeeded
     */
    public record Known(Map<Long, Roster> rosters, Map<Long, Future<?>> loads) {
        public Set<Long> loading() {
            return loads.keySet();
        }
    }

    /** @param revisions by primary key of the channel; a later one will do */
    public Future<Known> of(Map<Long, Long> revisions) {
        Known known = new Known(new HashMap<>(), new HashMap<>());
        Map<Long, Read> outdated = new HashMap<>();
        revisions.forEach((pk, revision) -> {
            Read cached = cache.getIfPresent(pk);
            Future<Read> load = loading.get(pk);
            if (cached != null && cached.place.revision() >= revision) {
                known.rosters.put(pk, cached.roster);
            } else if (load != null) {
                known.loads.put(pk, load);
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
    public Future<Map<Long, Roster>> all(Map<Long, Long> revisions) {
        return of(revisions)
                .compose(known -> known.loads.isEmpty()
                        ? Future.succeededFuture(known.rosters)
                        : Future.all(List.copyOf(known.loads.values())).compose(loaded -> all(revisions)));
    }

    private void take(Known known, long pk, Read before, @Nullable Change change) {
        if (change == null) {
            known.rosters.put(pk, Roster.EMPTY);
        } else if (change.isWhole()) {
            known.rosters.put(pk, keep(pk, before, change).roster);
        } else {
            Future<Read> load = loading.get(pk);
            known.loads.put(pk, load == null ? begin(pk, change.place()) : load);
        }
    }

    private Future<Read> begin(long pk, Place place) {
        Future<Read> load = load(pk, place);
        loading.put(pk, load);
        return load.onComplete(done -> loading.remove(pk));
    }

    private Read keep(long pk, Read before, Change change) {
        Read now = new Read(change.place(), change.of(before.roster));
        return cache.asMap()
                .merge(pk, now, (known, other) -> known.place.revision() > other.place.revision() ? known : other);
    }

    /** Pages of all three beside each other, so that others have their turns between; then what changed meanwhile. */
    private Future<Read> load(long pk, Place place) {
        Future<Set<String>> members = pages(after -> channels.members(pk, after, RosterTable.MOST));
        Future<Set<String>> blacklist = listed(pk, AccessList.BLACKLIST);
        Future<Set<String>> whitelist = listed(pk, AccessList.WHITELIST);
        return Future.all(members, blacklist, whitelist).compose(all -> {
            Read then = new Read(place, new Roster(members.result(), blacklist.result(), whitelist.result()));
            return changes(Map.of(pk, then)).compose(changes -> {
                Change change = Objects.requireNonNull(changes.get(pk));
                return change.isWhole() ? Future.succeededFuture(keep(pk, then, change)) : load(pk, change.place());
            });
        });
    }

    private Future<Set<String>> listed(long pk, AccessList list) {
        return pages(after -> channels.listed(pk, list, after, RosterTable.MOST)
                .map(page -> page.stream().map(Listed::uid).toList()));
    }

    /** @param read the page behind a uid */
    private static Future<Set<String>> pages(Function<String, Future<List<String>>> read) {
        return pages(read, "", new ArrayList<>());
    }

    private static Future<Set<String>> pages(
            Function<String, Future<List<String>>> read, String after, List<String> uids) {
        return read.apply(after).compose(page -> {
            uids.addAll(page);
            return page.size() < RosterTable.MOST
                    ? Future.succeededFuture(Set.copyOf(uids))
                    : pages(read, page.getLast(), uids);
        });
    }

    private Future<Map<Long, Change>> changes(Map<Long, Read> since) {
        Map<Long, Place> places = new HashMap<>();
        since.forEach((pk, known) -> places.put(pk, known.place));
        return table.since(places);
    }
}
