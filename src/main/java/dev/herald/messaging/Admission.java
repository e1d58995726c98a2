package dev.herald.messaging;

import dev.herald.channel.ChannelFlags;
import dev.herald.messaging.MessageStore.Accepted;
import dev.herald.messaging.Pending.RepeatKey;
import dev.herald.model.ChannelKey;
import dev.herald.model.Reason;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Lets messages in, or answers why not; a channel that one of them begins is made here. */
final class Admission {
    private static final ChannelRow NEW = new ChannelRow(0, 0, ChannelFlags.NONE);

    private final MessageStore store;
    private final Rosters rosters;
    private final Permission permission;
    private final SystemUids systemUids;

    Admission(MessageStore store, Rosters rosters, Permission permission, SystemUids systemUids) {
        this.store = store;
        this.rosters = rosters;
        this.permission = permission;
        this.systemUids = systemUids;
    }

    /** Channels by key, and rosters by primary key. */
    record Known(Map<ChannelKey, ChannelRow> channels, Map<Long, Roster> rosters) {
        ChannelFlags flags(ChannelKey key) {
            ChannelRow row = channels.get(key);
            return row == null ? ChannelFlags.NONE : row.flags();
        }

        Roster roster(ChannelKey key) {
            ChannelRow row = channels.get(key);
            return row == null ? Roster.EMPTY : rosters.getOrDefault(row.pk(), Roster.EMPTY);
        }
    }

    /** Reads what will decide about these. */
    Future<Known> look(Collection<Pending> batch) {
        Set<ChannelKey> keys = batch.stream()
                .flatMap(pending -> Stream.of(pending.stored(), pending.addressed(), pending.sender()))
                .collect(Collectors.toSet());
        return store.channels(keys)
                .compose(rows -> rosters.of(addressed(batch, rows)).map(known -> new Known(rows, known)));
    }

    private static Set<ChannelRow> addressed(Collection<Pending> batch, Map<ChannelKey, ChannelRow> rows) {
        return batch.stream()
                .map(pending -> rows.get(pending.addressed()))
                .filter(Objects::nonNull)
                .collect(Collectors.toSet());
    }

    /**
     * Those that may be stored; the others are answered.
     *
     * @param stored what was admitted and stored before
     */
    Future<List<Accepted>> admit(Collection<Pending> batch, Known known, Set<RepeatKey> stored) {
        List<Pending> admitted = new ArrayList<>();
        for (Pending pending : batch) {
            Reason reason = stored.contains(pending.repeatKey())
                    ? Reason.SUCCESS
                    : permission.decide(circumstances(pending, known));
            if (reason == Reason.SUCCESS) {
                admitted.add(pending);
            } else {
                pending.refuse(reason);
            }
        }
        return made(admitted, known.channels()).map(made -> admitted.stream()
                .map(pending -> accepted(pending, made, known))
                .toList());
    }

    private Circumstances circumstances(Pending pending, Known known) {
        ChannelRow begun = pending.mayCreateChannel() ? NEW : null;
        ChannelKey addressed = pending.addressed();
        return new Circumstances(
                pending.message(),
                known.flags(pending.sender()),
                systemUids.contain(pending.message().fromUid()),
                known.channels().getOrDefault(pending.stored(), begun),
                known.flags(addressed),
                addressed.isPerson() && systemUids.contain(addressed.id()),
                known.roster(addressed));
    }

    private Future<Map<ChannelKey, ChannelRow>> made(List<Pending> admitted, Map<ChannelKey, ChannelRow> rows) {
        Set<ChannelKey> missing = admitted.stream()
                .map(Pending::stored)
                .filter(key -> !rows.containsKey(key))
                .collect(Collectors.toSet());
        return missing.isEmpty()
                ? Future.succeededFuture(Map.of())
                : store.create(missing).compose(created -> store.channels(missing));
    }

    private static Accepted accepted(Pending pending, Map<ChannelKey, ChannelRow> made, Known known) {
        ChannelRow row = known.channels().getOrDefault(pending.stored(), made.get(pending.stored()));
        return new Accepted(pending, Objects.requireNonNull(row), known.roster(pending.addressed()));
    }
}
