package dev.herald.api;

import dev.herald.bus.Address;
import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.message.BusMessage;
import dev.herald.bus.message.Done;
import dev.herald.bus.message.InboxMessage.InboxOpened;
import dev.herald.bus.message.InboxMessage.InboxPage;
import dev.herald.bus.message.MessagingMessage.MessageSent;
import dev.herald.bus.message.OpsMessage.HealthReport;
import dev.herald.bus.message.PresenceMessage.Differences;
import dev.herald.bus.message.PresenceMessage.OnlineRows;
import dev.herald.bus.message.PresenceMessage.PeerList;
import dev.herald.bus.message.PresenceMessage.Statuses;
import dev.herald.bus.message.SocketMessage.ConnectionList;
import dev.herald.bus.message.WebhookMessage.TestFired;
import dev.herald.model.Reason;
import io.vertx.core.Future;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** The other verticles, as far as the API speaks to them. */
public final class FakePeers {
    private final Bus bus;
    private final List<BusMessage> heard = new CopyOnWriteArrayList<>();
    private final Map<Address<?, ?>, Future<? extends BusMessage>> answers = new ConcurrentHashMap<>();

    /** @param messaging true if the real one is there */
    FakePeers(Bus bus, boolean messaging) {
        this.bus = bus;
        reset();
        serve(bus, Addresses.INBOX_OPEN);
        serve(bus, Addresses.INBOX_PULL);
        serve(bus, Addresses.INBOX_ACK);
        serve(bus, Addresses.INBOX_REFRESH);
        serve(bus, Addresses.INBOX_REBUILD);
        serve(bus, Addresses.INBOX_VERIFY);
        serve(bus, Addresses.PEERS);
        serve(bus, Addresses.DEVICE_KICK);
        serve(bus, Addresses.SESSION_KICK);
        serve(bus, Addresses.SOCKETS_LIST);
        serve(bus, Addresses.ONLINE_QUERY);
        serve(bus, Addresses.STATUS_QUERY);
        if (!messaging) {
            serve(bus, Addresses.MESSAGE_SEND);
        }
        serve(bus, Addresses.PRIORITY_CHANGED);
        serve(bus, Addresses.WATCH_LIST_CHANGED);
        serve(bus, Addresses.HEALTH);
        serve(bus, Addresses.SOCKETS_PUSH);
        serve(bus, Addresses.SOCKETS_EVENT);
        serve(bus, Addresses.COMMANDS_PENDING);
        serve(bus, Addresses.WEBHOOKS_CHANGED);
        serve(bus, Addresses.WEBHOOK_TEST);
    }

    /** Says what the dispatcher says when there are new events. */
    public void arrived() {
        bus.publish(Addresses.EVENTS_ARRIVED, Done.DONE);
    }

    public void reset() {
        heard.clear();
        answers.clear();
        answer(Addresses.INBOX_OPEN, new InboxOpened(0, false, 0));
        answer(Addresses.INBOX_PULL, new InboxPage(List.of(), 0, false));
        answer(Addresses.INBOX_VERIFY, new Differences(List.of()));
        answer(Addresses.PEERS, new PeerList(List.of()));
        answer(Addresses.SOCKETS_LIST, new ConnectionList(0, List.of()));
        answer(Addresses.ONLINE_QUERY, new OnlineRows(List.of()));
        answer(Addresses.MESSAGE_SEND, new MessageSent(Reason.SUCCESS, 1001, 7));
        answer(Addresses.WEBHOOK_TEST, new TestFired("evt_test_1", true, "200", 5, "thanks"));
        answer(Addresses.STATUS_QUERY, new Statuses(List.of()));
        answer(Addresses.HEALTH, new HealthReport(true, Map.of()));
    }

    /** All that was asked or told since the last reset. */
    public List<BusMessage> heard() {
        return List.copyOf(heard);
    }

    public <T extends BusMessage> List<T> heard(Class<T> type) {
        return heard.stream().filter(type::isInstance).map(type::cast).toList();
    }

    public <R extends BusMessage> void answer(Address<?, R> address, R answer) {
        answers.put(address, Future.succeededFuture(answer));
    }

    public void answer(Address<?, ?> address, Future<? extends BusMessage> answer) {
        answers.put(address, answer);
    }

    private <Q extends BusMessage, R extends BusMessage> void serve(Bus bus, Address<Q, R> address) {
        bus.serve(address, message -> {
            heard.add(message);
            @SuppressWarnings("unchecked") // the caller of answer() gave what this address answers
            Future<R> answer = (Future<R>) answers.getOrDefault(address, Future.succeededFuture(Done.DONE));
            return answer;
        });
    }
}
