package dev.herald.messaging.commit;

import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.message.Done;
import dev.herald.bus.message.MessagingMessage.ChannelMessage;
import dev.herald.bus.message.MessagingMessage.MessageSent;
import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import dev.herald.messaging.delivery.Deliveries;
import dev.herald.messaging.judge.Accepted;
import dev.herald.messaging.judge.ChannelRow;
import dev.herald.messaging.judge.Judge;
import dev.herald.messaging.judge.Judge.Judgement;
import dev.herald.messaging.judge.Pending;
import dev.herald.messaging.judge.Pending.RepeatKey;
import dev.herald.messaging.roster.Receivers;
import dev.herald.model.ChannelKey;
import dev.herald.model.Delivery;
import dev.herald.model.Reason;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One batch from request to delivery: who may send, the commit, the answers, and only then the pushes. */
public final class BatchCommit {
    /** A channel that changes faster than this is left to the next try of the whole batch. */
    private static final int MAX_JUDGEMENTS = 10;

    private static final Logger log = LoggerFactory.getLogger(BatchCommit.class);

    private final Bus bus;
    private final MessageStore store;
    private final Judge judge;
    private final Answers answers;
    private final Deliveries deliveries;

    public BatchCommit(Bus bus, MessageStore store, Judge judge, Answers answers, Deliveries deliveries) {
        this.bus = bus;
        this.store = store;
        this.judge = judge;
        this.answers = answers;
        this.deliveries = deliveries;
    }

    /** @param uncertain an earlier try of this batch may have been committed: what it stored was not delivered yet */
    public Future<Void> run(List<Pending> batch, boolean uncertain) {
        return store(batch, uncertain, 1);
    }

    private Future<Void> store(List<Pending> batch, boolean uncertain, int judgements) {
        return judge.judge(batch).compose(judged -> {
            Map<RepeatKey, Accepted> lasting = firstOfEach(judged.accepted());
            return store.store(List.copyOf(lasting.values()), judged.by()).compose(outcome -> {
                if (outcome.outdated().isEmpty()) {
                    return answer(judged, lasting, outcome.places(), uncertain);
                }
                judge.forget(outcome.outdated());
                return judgements < MAX_JUDGEMENTS
                        ? store(batch, uncertain, judgements + 1)
                        : Future.failedFuture(new HeraldException(Failure.UNAVAILABLE, "the channel does not rest"));
            });
        });
    }

    /** A resend may stand in the same batch as its original; what is not stored is never a resend. */
    private static Map<RepeatKey, Accepted> firstOfEach(List<Accepted> batch) {
        Map<RepeatKey, Accepted> firsts = new LinkedHashMap<>();
        for (Accepted each : batch) {
            if (!passes(each)) {
                firsts.putIfAbsent(each.pending().repeatKey(), each);
            }
        }
        return firsts;
    }

    private static boolean passes(Accepted accepted) {
        return accepted.pending().message().header().noPersist();
    }

    /** Nothing fails once anybody has been told: a further try would tell again. */
    private Future<Void> answer(
            Judgement judged, Map<RepeatKey, Accepted> lasting, List<Stored> places, boolean uncertain) {
        long passing = judged.accepted().stream().filter(BatchCommit::passes).count();
        Future<List<Long>> ids = store.ids(Math.toIntExact(passing));
        Future<Map<RepeatKey, MessageSent>> before = store.repeats(
                judged.refused().keySet().stream().map(Pending::repeatKey).toList());
        return Future.all(ids, before)
                .recover(cause -> places.isEmpty()
                        ? Future.failedFuture(cause)
                        : Future.failedFuture(new IllegalStateException("stored, and not told of", cause)))
                .map(known -> {
                    tell(judged.accepted(), lasting, places, ids.result(), uncertain);
                    refuse(judged.refused(), before.result());
                    return null;
                });
    }

    /** What was stored before gets the first answer, whatever has become of the sender's permission since. */
    private static void refuse(Map<Pending, Reason> refused, Map<RepeatKey, MessageSent> before) {
        refused.forEach((pending, reason) ->
                pending.answer().tryComplete(before.getOrDefault(pending.repeatKey(), MessageSent.refused(reason))));
    }

    /** In the order of the batch, stored or not. */
    private void tell(
            List<Accepted> batch,
            Map<RepeatKey, Accepted> firsts,
            List<Stored> places,
            List<Long> ids,
            boolean uncertain) {
        Iterator<Stored> lasting = places.iterator();
        Iterator<Long> passing = ids.iterator();
        List<Accepted> passed = new ArrayList<>();
        List<Delivery> passedOn = new ArrayList<>();
        for (Accepted each : batch) {
            Promise<MessageSent> answer = each.pending().answer();
            boolean passes = passes(each);
            Promise<MessageSent> first = passes
                    ? answer
                    : firsts.getOrDefault(each.pending().repeatKey(), each)
                            .pending()
                            .answer();
            if (!first.equals(answer)) {
                first.future().onSuccess(answer::tryComplete);
                continue;
            }
            Stored place = passes ? new Stored(passing.next(), 0, now(), false, false) : lasting.next();
            answer.tryComplete(new MessageSent(Reason.SUCCESS, place.messageId(), place.seq()));
            if (place.again() && !place.news() && !uncertain) {
                continue;
            }
            Delivery delivery = place.delivery(each.pending().message());
            deliver(each, place, delivery);
            if (passes) {
                passed.add(each);
                passedOn.add(delivery);
            }
        }
        answers.tellAll();
        deliveries.flush();
        if (!places.isEmpty()) {
            bus.tell(Addresses.EVENTS_PENDING, Done.DONE);
        }
        if (!passed.isEmpty()) {
            store.recordPassed(passed, passedOn)
                    .onSuccess(v -> bus.tell(Addresses.EVENTS_PENDING, Done.DONE))
                    .onFailure(cause -> log.warn("messages={} have no event", passed.size(), cause));
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
