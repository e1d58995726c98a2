package dev.herald.messaging;

import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.message.Done;
import dev.herald.bus.message.MessagingMessage.ChannelMessage;
import dev.herald.bus.message.MessagingMessage.MessageSent;
import dev.herald.bus.message.MessagingMessage.SendMessage;
import dev.herald.bus.message.SocketMessage.Push;
import dev.herald.messaging.MessageStore.Accepted;
import dev.herald.messaging.MessageStore.Stored;
import dev.herald.messaging.Pending.RepeatKey;
import dev.herald.model.ChannelKey;
import dev.herald.model.Delivery;
import dev.herald.model.Reason;
import dev.herald.model.Uid;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** One batch from request to delivery: who may send, the commit, the answers, and only then the pushes. */
final class BatchCommit {
    private final Bus bus;
    private final MessageStore store;
    private final Rosters rosters;
    private final Permission permission;
    private final Deliveries deliveries;

    BatchCommit(Bus bus, MessageStore store, Rosters rosters, Permission permission, Deliveries deliveries) {
        this.bus = bus;
        this.store = store;
        this.rosters = rosters;
        this.permission = permission;
        this.deliveries = deliveries;
    }

    /** @param uncertain an earlier try of this batch may have been committed: what it stored was not delivered yet */
    Future<Void> run(List<Pending> batch, boolean uncertain) {
        Map<RepeatKey, Pending> firsts = firstOfEach(batch);
        return channels(batch).compose(rows -> rosters(batch, rows).compose(known -> {
            List<Accepted> accepted = admit(firsts.values(), rows, known);
            return store.repeats(
                            accepted.stream().map(a -> a.pending().repeatKey()).toList())
                    .compose(repeats -> store(accepted, repeats, uncertain))
                    .onSuccess(done -> answerRepeatsInBatch(batch, firsts));
        }));
    }

    /** A resend may stand in the same batch as its original. */
    private static Map<RepeatKey, Pending> firstOfEach(List<Pending> batch) {
        return batch.stream()
                .collect(Collectors.toMap(
                        Pending::repeatKey, pending -> pending, (first, again) -> first, LinkedHashMap::new));
    }

    private static void answerRepeatsInBatch(List<Pending> batch, Map<RepeatKey, Pending> firsts) {
        for (Pending pending : batch) {
            Pending first = firsts.get(pending.repeatKey());
            if (first != null && !first.equals(pending)) {
                first.answer().future().onComplete(pending.answer());
            }
        }
    }

    /** Those that messages are stored in, and of person messages the receivers' own. */
    private Future<Map<ChannelKey, ChannelRow>> channels(List<Pending> batch) {
        Set<ChannelKey> keys = batch.stream()
                .flatMap(pending -> Stream.of(pending.stored(), pending.addressed()))
                .collect(Collectors.toSet());
        return store.channels(keys).compose(rows -> {
            Set<ChannelKey> missing = batch.stream()
                    .filter(Pending::mayCreateChannel)
                    .map(Pending::stored)
                    .filter(key -> !rows.containsKey(key))
                    .collect(Collectors.toSet());
            return missing.isEmpty()
                    ? Future.succeededFuture(rows)
                    : store.create(missing).compose(created -> store.channels(keys));
        });
    }

    private Future<Map<Long, Roster>> rosters(List<Pending> batch, Map<ChannelKey, ChannelRow> rows) {
        return rosters.of(batch.stream()
                .map(pending -> rows.get(pending.addressed()))
                .filter(Objects::nonNull)
                .collect(Collectors.toSet()));
    }

    private List<Accepted> admit(Iterable<Pending> batch, Map<ChannelKey, ChannelRow> rows, Map<Long, Roster> rosters) {
        List<Accepted> accepted = new ArrayList<>();
        for (Pending pending : batch) {
            ChannelRow row = rows.get(pending.stored());
            ChannelRow addressed = rows.get(pending.addressed());
            Roster roster = addressed == null ? Roster.EMPTY : rosters.getOrDefault(addressed.pk(), Roster.EMPTY);
            Reason reason = permission.decide(pending.message(), row, roster);
            if (row != null && reason == Reason.SUCCESS) {
                accepted.add(new Accepted(pending, row, roster));
            } else {
                pending.refuse(reason);
            }
        }
        return accepted;
    }

    private Future<Void> store(List<Accepted> accepted, Map<RepeatKey, MessageSent> repeats, boolean uncertain) {
        List<Accepted> lasting = new ArrayList<>();
        List<Accepted> passing = new ArrayList<>();
        for (Accepted each : accepted) {
            MessageSent before = repeats.get(each.pending().repeatKey());
            if (before != null && uncertain) {
                deliver(each, new Stored(before.messageId(), before.messageSeq(), now()));
            } else if (before != null) {
                each.pending().answer().tryComplete(before);
            } else {
                (each.pending().message().header().noPersist() ? passing : lasting).add(each);
            }
        }
        return Future.all(store.insert(lasting), store.ids(passing.size())).map(done -> {
            List<Stored> stored = done.resultAt(0);
            List<Long> ids = done.resultAt(1);
            for (int i = 0; i < stored.size(); i++) {
                deliver(lasting.get(i), stored.get(i));
            }
            for (int i = 0; i < ids.size(); i++) {
                deliver(passing.get(i), new Stored(ids.get(i), 0, now()));
            }
            deliveries.flush();
            if (!stored.isEmpty()) {
                bus.tell(Addresses.EVENTS_PENDING, Done.DONE);
            }
            return null;
        });
    }

    private static long now() {
        return System.currentTimeMillis() / 1000;
    }

    private void deliver(Accepted accepted, Stored place) {
        SendMessage message = accepted.pending().message();
        accepted.pending().answer().tryComplete(new MessageSent(Reason.SUCCESS, place.messageId(), place.seq()));
        Delivery delivery = new Delivery(
                place.messageId(),
                place.seq(),
                message.fromUid(),
                message.channel(),
                message.clientMsgNo(),
                message.header(),
                message.setting(),
                message.expireSeconds(),
                message.topic(),
                place.timestampSeconds(),
                message.payload());
        if (message.channel().isPerson()) {
            deliveries.toPerson(new Push(pair(message), delivery, message.fromSession()));
        } else {
            ChannelRow group = accepted.channel();
            deliveries.toGroup(
                    new ChannelMessage(group.pk(), group.revision(), delivery, message.fromSession()),
                    accepted.roster().members());
        }
    }

    private static Set<String> pair(SendMessage message) {
        Set<String> pair = new HashSet<>(Set.of(message.channel().id()));
        if (!message.fromUid().equals(Uid.SYSTEM)) {
            pair.add(message.fromUid());
        }
        return pair;
    }
}
