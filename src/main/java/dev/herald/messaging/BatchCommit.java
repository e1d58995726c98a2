package dev.herald.messaging;

import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.message.Done;
import dev.herald.bus.message.MessagingMessage.MessageSent;
import dev.herald.bus.message.MessagingMessage.SendMessage;
import dev.herald.bus.message.SocketMessage.Push;
import dev.herald.messaging.Admission.Known;
import dev.herald.messaging.MessageStore.Accepted;
import dev.herald.messaging.MessageStore.Stored;
import dev.herald.messaging.Pending.RepeatKey;
import dev.herald.model.Delivery;
import dev.herald.model.Reason;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** One batch from request to delivery: who may send, the commit, the answers, and only then the pushes. */
final class BatchCommit {
    private final Bus bus;
    private final MessageStore store;
    private final Admission admission;

    BatchCommit(Bus bus, MessageStore store, Admission admission) {
        this.bus = bus;
        this.store = store;
        this.admission = admission;
    }

    /**
     * A resend gets the first answer whatever has become of the sender's permission since.
     *
     * @param uncertain an earlier try of this batch may have been committed: what it stored was not delivered yet
     */
    Future<Void> run(List<Pending> batch, boolean uncertain) {
        Map<RepeatKey, Pending> firsts = firstOfEach(batch);
        return Future.all(store.repeats(firsts.keySet()), admission.look(firsts.values()))
                .compose(read -> {
                    Map<RepeatKey, MessageSent> repeats = read.resultAt(0);
                    Known known = read.resultAt(1);
                    List<Pending> open = unanswered(firsts, repeats, uncertain);
                    return admission
                            .admit(open, known, repeats.keySet())
                            .compose(accepted -> store(accepted, repeats));
                })
                .onSuccess(done -> answerRepeatsInBatch(batch, firsts));
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

    /** Those that go on: all but the repeats, and those, too, whose first delivery is open. */
    private static List<Pending> unanswered(
            Map<RepeatKey, Pending> firsts, Map<RepeatKey, MessageSent> repeats, boolean uncertain) {
        List<Pending> unanswered = new ArrayList<>();
        firsts.forEach((key, pending) -> {
            MessageSent before = repeats.get(key);
            if (before == null || uncertain) {
                unanswered.add(pending);
            } else {
                pending.answer().tryComplete(before);
            }
        });
        return unanswered;
    }

    private Future<Void> store(List<Accepted> accepted, Map<RepeatKey, MessageSent> repeats) {
        List<Accepted> lasting = new ArrayList<>();
        List<Accepted> passing = new ArrayList<>();
        for (Accepted each : accepted) {
            MessageSent before = repeats.get(each.pending().repeatKey());
            if (before != null) {
                deliver(each, new Stored(before.messageId(), before.messageSeq(), now()));
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
        Set<String> receivers = Receivers.of(
                accepted.pending().stored(), accepted.roster().members());
        bus.publish(Addresses.SOCKETS_PUSH, new Push(receivers, delivery, message.fromSession()));
    }
}
