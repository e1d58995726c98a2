package dev.herald.messaging;

import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.message.Done;
import dev.herald.bus.message.MessagingMessage.ChannelMessage;
import dev.herald.bus.message.MessagingMessage.MessageSent;
import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import dev.herald.messaging.MessageStore.Accepted;
import dev.herald.messaging.MessageStore.Stored;
import dev.herald.messaging.Pending.RepeatKey;
import dev.herald.model.ChannelKey;
import dev.herald.model.Delivery;
import dev.herald.model.Reason;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** One batch from request to delivery: who may send, the commit, the answers, and only then the pushes. */
final class BatchCommit {
    /** A channel that changes faster than this is left to the next try of the whole batch. */
    private static final int MAX_JUDGEMENTS = 10;

    private final Bus bus;
    private final MessageStore store;
    private final Judge judge;
    private final Deliveries deliveries;

    BatchCommit(Bus bus, MessageStore store, Judge judge, Deliveries deliveries) {
        this.bus = bus;
        this.store = store;
        this.judge = judge;
        this.deliveries = deliveries;
    }

    /** @param uncertain an earlier try of this batch may have been committed: what it stored was not delivered yet */
    Future<Void> run(List<Pending> batch, boolean uncertain) {
        Map<RepeatKey, Pending> firsts = firstOfEach(batch);
        return store(firsts.values(), uncertain, 1).onSuccess(done -> answerRepeatsInBatch(batch, firsts));
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

    private Future<Void> store(Collection<Pending> batch, boolean uncertain, int judgements) {
        return judge.judge(batch).compose(judged -> {
            List<Accepted> lasting = new ArrayList<>();
            List<Accepted> passing = new ArrayList<>();
            for (Accepted each : judged.accepted()) {
                (each.pending().message().header().noPersist() ? passing : lasting).add(each);
            }
            return store.store(lasting, judged.by()).compose(outcome -> {
                if (outcome.outdated().isEmpty()) {
                    return store.ids(passing.size()).compose(ids -> {
                        tell(judged.accepted(), outcome.places(), ids, uncertain);
                        return refuse(judged.refused());
                    });
                }
                judge.forget(outcome.outdated());
                return judgements < MAX_JUDGEMENTS
                        ? store(batch, uncertain, judgements + 1)
                        : Future.failedFuture(new HeraldException(Failure.UNAVAILABLE, "the channel does not rest"));
            });
        });
    }

    /** What was stored before gets the first answer, whatever has become of the sender's permission since. */
    private Future<Void> refuse(Map<Pending, Reason> refused) {
        return store.repeats(refused.keySet().stream().map(Pending::repeatKey).toList())
                .map(before -> {
                    refused.forEach((pending, reason) -> {
                        MessageSent answer = before.getOrDefault(pending.repeatKey(), MessageSent.refused(reason));
                        pending.answer().tryComplete(answer);
                    });
                    return null;
                });
    }

    /** In the order of the batch, stored or not. */
    private void tell(List<Accepted> batch, List<Stored> places, List<Long> ids, boolean uncertain) {
        Iterator<Stored> lasting = places.iterator();
        Iterator<Long> passing = ids.iterator();
        List<Accepted> passed = new ArrayList<>();
        List<Delivery> passedOn = new ArrayList<>();
        for (Accepted each : batch) {
            boolean passes = each.pending().message().header().noPersist();
            Stored place = passes ? new Stored(passing.next(), 0, now(), false, false) : lasting.next();
            each.pending().answer().tryComplete(new MessageSent(Reason.SUCCESS, place.messageId(), place.seq()));
            if (place.again() && !place.news() && !uncertain) {
                continue;
            }
            Delivery delivery = each.at(place);
            deliver(each, place, delivery);
            if (passes) {
                passed.add(each);
                passedOn.add(delivery);
            }
        }
        deliveries.flush();
        if (!places.isEmpty()) {
            bus.tell(Addresses.EVENTS_PENDING, Done.DONE);
        }
        if (!passed.isEmpty()) {
            store.recordPassed(passed, passedOn).onSuccess(v -> bus.tell(Addresses.EVENTS_PENDING, Done.DONE));
        }
    }

    private static long now() {
        return System.currentTimeMillis() / 1000;
    }

    private void deliver(Accepted accepted, Stored place, Delivery delivery) {
        ChannelKey stored = accepted.pending().stored();
        ChannelRow row = accepted.channel();
        Set<String> receivers = Receivers.of(stored, accepted.roster().members());
        ChannelMessage message = new ChannelMessage(
                row.pk(),
                row.revision(),
                stored,
                delivery,
                accepted.pending().message().fromSession(),
                Receivers.named(stored),
                place.news() && !place.again(),
                place.again());
        deliveries.add(message, receivers);
    }
}
