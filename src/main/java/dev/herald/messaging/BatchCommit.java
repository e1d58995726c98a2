package dev.herald.messaging;

import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.message.Done;
import dev.herald.bus.message.MessagingMessage.MessageSent;
import dev.herald.bus.message.MessagingMessage.SendMessage;
import dev.herald.bus.message.SocketMessage.Push;
import dev.herald.bus.message.SocketMessage.Pushes;
import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import dev.herald.messaging.MessageStore.Accepted;
import dev.herald.messaging.MessageStore.Stored;
import dev.herald.messaging.Pending.RepeatKey;
import dev.herald.model.Reason;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** One batch from request to delivery: who may send, the commit, the answers, and only then the pushes. */
final class BatchCommit {
    /** A channel that changes faster than this is left to the next try of the whole batch. */
    private static final int MAX_JUDGEMENTS = 10;

    private final Bus bus;
    private final MessageStore store;
    private final Judge judge;

    BatchCommit(Bus bus, MessageStore store, Judge judge) {
        this.bus = bus;
        this.store = store;
        this.judge = judge;
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
                    tell(lasting, outcome.places(), uncertain);
                    return pass(passing).compose(passed -> refuse(judged.refused()));
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

    private void tell(List<Accepted> batch, List<Stored> places, boolean uncertain) {
        List<Push> pushes = new ArrayList<>(places.size());
        for (int i = 0; i < places.size(); i++) {
            Stored place = places.get(i);
            if (!place.again()) {
                pushes.add(deliver(batch.get(i), place));
            } else if (uncertain) {
                pushes.add(deliver(batch.get(i), new Stored(place.messageId(), place.seq(), now(), true)));
            } else {
                batch.get(i)
                        .pending()
                        .answer()
                        .tryComplete(new MessageSent(Reason.SUCCESS, place.messageId(), place.seq()));
            }
        }
        push(pushes);
        if (!places.isEmpty()) {
            bus.tell(Addresses.EVENTS_PENDING, Done.DONE);
        }
    }

    private Future<Void> pass(List<Accepted> passing) {
        return store.ids(passing.size()).map(ids -> {
            List<Push> pushes = IntStream.range(0, ids.size())
                    .mapToObj(i -> deliver(passing.get(i), new Stored(ids.get(i), 0, now(), false)))
                    .toList();
            push(pushes);
            if (!pushes.isEmpty()) {
                store.recordPassed(passing, pushes.stream().map(Push::delivery).toList())
                        .onSuccess(v -> bus.tell(Addresses.EVENTS_PENDING, Done.DONE));
            }
            return null;
        });
    }

    private static long now() {
        return System.currentTimeMillis() / 1000;
    }

    private void push(List<Push> pushes) {
        if (!pushes.isEmpty()) {
            bus.publish(Addresses.SOCKETS_PUSH, new Pushes(pushes));
        }
    }

    /** Answers the sender, and says what its receivers are pushed. */
    private static Push deliver(Accepted accepted, Stored place) {
        SendMessage message = accepted.pending().message();
        accepted.pending().answer().tryComplete(new MessageSent(Reason.SUCCESS, place.messageId(), place.seq()));
        Set<String> receivers =
                Receivers.of(accepted.pending().stored(), accepted.roster().members());
        return new Push(receivers, accepted.at(place), message.fromSession());
    }
}
