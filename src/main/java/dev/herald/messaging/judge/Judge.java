package dev.herald.messaging.judge;

import dev.herald.channel.ChannelFlags;
import dev.herald.messaging.roster.Roster;
import dev.herald.messaging.roster.Rosters;
import dev.herald.model.ChannelKey;
import dev.herald.model.Reason;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Judges batches by what it knows of their channels; a channel that a message begins is made here. */
public final class Judge {
    private final ChannelTable channels;
    private final KnownChannels known;
    private final Rosters rosters;
    private final Permission permission;
    private final SystemUids systemUids;

    /** @param personWhitelist true if a person's whitelist is asked */
    public Judge(ChannelTable channels, Rosters rosters, boolean personWhitelist, SystemUids systemUids) {
        this.channels = channels;
        this.known = new KnownChannels(channels);
        this.rosters = rosters;
        this.permission = new Permission(personWhitelist);
        this.systemUids = systemUids;
    }

    /** What a batch was judged by and what was decided; nothing is answered before the store has confirmed both. */
    public record Judgement(
            Map<ChannelKey, Optional<ChannelRow>> by, List<Accepted> accepted, Map<Pending, Reason> refused) {}

    public Future<Judgement> judge(Collection<Pending> batch) {
        Set<ChannelKey> keys = batch.stream()
                .flatMap(pending -> Stream.of(pending.stored(), pending.addressed(), pending.sender()))
                .collect(Collectors.toSet());
        return known.of(keys).compose(rows -> rosters.of(revisions(batch, rows)).compose(found -> {
            Facts facts = new Facts(rows, found.rosters());
            return found.loading().isEmpty()
                    ? judge(batch, facts)
                    : Future.failedFuture(new Busy(unknown(batch, facts, found.loading())));
        }));
    }

    /** These are not as they were judged by. */
    public void forget(Collection<ChannelKey> outdated) {
        known.forget(outdated);
    }

    /** By primary key of the channels whose rosters are asked. */
    private static Map<Long, Long> revisions(Collection<Pending> batch, Map<ChannelKey, Optional<ChannelRow>> rows) {
        Map<Long, Long> revisions = new HashMap<>();
        batch.forEach(pending -> rows.getOrDefault(pending.addressed(), Optional.empty())
                .ifPresent(row -> revisions.put(row.pk(), row.revision())));
        return revisions;
    }

    /** The channels of those that cannot be judged yet. */
    private static Set<ChannelKey> unknown(Collection<Pending> batch, Facts facts, Set<Long> loading) {
        return batch.stream()
                .filter(pending -> {
                    ChannelRow row = facts.row(pending.addressed());
                    return row != null && loading.contains(row.pk());
                })
                .map(Pending::stored)
                .collect(Collectors.toSet());
    }

    private Future<Judgement> judge(Collection<Pending> batch, Facts facts) {
        Judgement judged = new Judgement(facts.rows(), new ArrayList<>(), new HashMap<>());
        Set<ChannelKey> missing = new HashSet<>();
        for (Pending pending : batch) {
            ChannelRow row = facts.row(pending.stored());
            Reason reason = permission.decide(circumstances(pending, facts));
            if (reason != Reason.SUCCESS) {
                judged.refused().put(pending, reason);
            } else if (row == null) {
                missing.add(pending.stored());
            } else {
                judged.accepted().add(new Accepted(pending, row, facts.roster(pending.addressed())));
            }
        }
        if (missing.isEmpty()) {
            return Future.succeededFuture(judged);
        }
        known.forget(missing);
        return channels.create(missing).compose(made -> judge(batch));
    }

    private Circumstances circumstances(Pending pending, Facts facts) {
        ChannelKey addressed = pending.addressed();
        return new Circumstances(
                pending.message(),
                facts.flags(pending.sender()),
                systemUids.contain(pending.message().fromUid()),
                facts.flags(pending.stored()),
                facts.flags(addressed),
                addressed.isPerson() && systemUids.contain(addressed.id()),
                facts.roster(addressed));
    }

    /** Channels by key, and rosters by primary key. */
    private record Facts(Map<ChannelKey, Optional<ChannelRow>> rows, Map<Long, Roster> rosters) {
        @Nullable
        ChannelRow row(ChannelKey key) {
            return rows.getOrDefault(key, Optional.empty()).orElse(null);
        }

        ChannelFlags flags(ChannelKey key) {
            ChannelRow row = row(key);
            return row == null ? ChannelFlags.NONE : row.flags();
        }

        Roster roster(ChannelKey key) {
            ChannelRow row = row(key);
            return row == null ? Roster.EMPTY : rosters.getOrDefault(row.pk(), Roster.EMPTY);
        }
    }
}
