package dev.herald.socket;

import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.message.Done;
import dev.herald.bus.message.InboxMessage.Ack;
import dev.herald.bus.message.InboxMessage.Entry;
import dev.herald.bus.message.InboxMessage.InboxOpened;
import dev.herald.bus.message.InboxMessage.InboxPage;
import dev.herald.bus.message.MessagingMessage.MessageSent;
import dev.herald.bus.message.MessagingMessage.SendAnswer;
import dev.herald.bus.message.MessagingMessage.SendAnswers;
import dev.herald.bus.message.MessagingMessage.SendMessage;
import dev.herald.bus.message.PresenceMessage.Activity;
import dev.herald.bus.message.PresenceMessage.EndSession;
import dev.herald.bus.message.PresenceMessage.OpenSession;
import dev.herald.bus.message.PresenceMessage.SessionOpened;
import dev.herald.model.Reason;
import dev.herald.presencelog.WatchLists.WatchList;
import dev.herald.socket.delivery.FakeInbox;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The other verticles of a node, as far as sockets ask them: they note what they are told and answer as the test says. */
final class Peers {
    final List<OpenSession> opened = new CopyOnWriteArrayList<>();
    final List<EndSession> ended = new CopyOnWriteArrayList<>();
    final List<SendMessage> sends = new CopyOnWriteArrayList<>();
    final List<Activity> activities = new CopyOnWriteArrayList<>();
    final List<Ack> acks = new CopyOnWriteArrayList<>();
    final ConcurrentSkipListMap<Long, Entry> inbox = new ConcurrentSkipListMap<>();
    final Map<String, WatchList> lists = new ConcurrentHashMap<>();
    private final AtomicLong messageIds = new AtomicLong();

    volatile long cursor;
    volatile boolean fresh;
    volatile Function<OpenSession, Future<SessionOpened>> onOpen = open -> Future.succeededFuture(new SessionOpened(1));
    volatile Function<SendMessage, Future<MessageSent>> onSend = send -> {
        long id = messageIds.incrementAndGet();
        return Future.succeededFuture(new MessageSent(Reason.SUCCESS, id, id));
    };

    Peers(Bus bus) {
        bus.serve(Addresses.SESSION_OPEN, open -> {
            opened.add(open);
            return onOpen.apply(open);
        });
        bus.serve(Addresses.SESSION_END, end -> {
            ended.add(end);
            return done();
        });
        bus.serve(Addresses.ACTIVITY, activity -> {
            activities.add(activity);
            return done();
        });
        bus.hear(Addresses.MESSAGES_SEND, batch -> {
            sends.addAll(batch.list());
            for (int i = 0; i < batch.list().size(); i++) {
                int place = i;
                onSend.apply(batch.list().get(i))
                        .onSuccess(sent -> bus.tell(
                                Addresses.answersTo(batch.answersTo()),
                                new SendAnswers(List.of(new SendAnswer(batch.number(), place, sent)))));
            }
        });
        bus.serve(Addresses.INBOX_OPEN, open -> Future.succeededFuture(new InboxOpened(cursor, fresh, tail())));
        bus.serve(Addresses.INBOX_READ, read -> {
            List<Entry> all = List.copyOf(inbox.tailMap(read.after(), false).values());
            List<Entry> page = all.subList(0, Math.min(all.size(), read.limit()));
            return Future.succeededFuture(new InboxPage(page, tail(), page.size() < all.size()));
        });
        bus.serve(Addresses.INBOX_ACK, batch -> {
            acks.addAll(batch.list());
            return done();
        });
    }

    Future<Map<String, WatchList>> changedLists(Map<String, Long> known) {
        return Future.succeededFuture(known.entrySet().stream()
                .map(user -> Map.entry(user.getKey(), lists.getOrDefault(user.getKey(), new WatchList(Set.of(), 0))))
                .filter(list -> list.getValue().revision() != known.get(list.getKey()))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue)));
    }

    /** From now on the test answers sends, each by its promise. */
    List<Promise<MessageSent>> holdSends() {
        List<Promise<MessageSent>> answers = new CopyOnWriteArrayList<>();
        onSend = send -> {
            Promise<MessageSent> answer = Promise.promise();
            answers.add(answer);
            return answer.future();
        };
        return answers;
    }

    /** From now on logins wait for the test's answer. */
    Promise<SessionOpened> holdOpenings() {
        Promise<SessionOpened> answer = Promise.promise();
        onOpen = open -> answer.future();
        return answer;
    }

    private long tail() {
        return inbox.isEmpty() ? 0 : inbox.lastKey();
    }

    Entry append(long seq) {
        return append(new Entry(seq, FakeInbox.command(1000 + seq)));
    }

    Entry append(Entry entry) {
        inbox.put(entry.seq(), entry);
        return entry;
    }

    private static Future<Done> done() {
        return Future.succeededFuture(Done.DONE);
    }
}
