package dev.herald.socket.delivery;

import dev.herald.bus.Addresses;
import dev.herald.bus.message.InboxMessage.Ack;
import dev.herald.bus.message.InboxMessage.Entry;
import dev.herald.bus.message.InboxMessage.GiveInbox;
import dev.herald.bus.message.InboxMessage.InboxOpened;
import dev.herald.bus.message.InboxMessage.InboxPage;
import dev.herald.bus.message.InboxMessage.OpenInbox;
import dev.herald.bus.message.InboxMessage.ReadInbox;
import dev.herald.bus.message.PresenceMessage.SessionInfo;
import io.vertx.core.Future;
import java.util.OptionalInt;

/** Ties a feed to its device's cursor on the bus and to its client. */
record SessionInbox(Deliveries shared, SessionInfo session, Client client) implements CommandFeed.Port {

    @Override
    public Future<InboxOpened> open() {
        return shared.bus.request(Addresses.INBOX_OPEN, new OpenInbox(session.uid(), session.deviceFlag()));
    }

    @Override
    public Future<InboxPage> read(long after, int limit) {
        return shared.bus.request(Addresses.INBOX_READ, new ReadInbox(session.uid(), after, limit));
    }

    @Override
    public Future<?> acknowledge(long seq) {
        return shared.acks.add(new Ack(session.uid(), OptionalInt.of(session.deviceFlag()), seq, false));
    }

    @Override
    public void gave(long seq, boolean told) {
        shared.bus.tell(Addresses.INBOX_GIVE, new GiveInbox(session.uid(), session.deviceFlag(), seq, told));
    }

    /** Encrypted and in base64, and that again in JSON-RPC, a payload is less than twice as long. */
    @Override
    public boolean hasRoom(int bytes) {
        return client.hasRoom(2 * bytes);
    }

    @Override
    public void tellLacking() {
        client.write(Unstored.resync());
    }

    @Override
    public void send(Entry entry, boolean again) {
        (again ? shared.commandsRedelivered : shared.commandsSent).increment();
        shared.trail.sent(entry.command().id(), session.uid(), session.deviceFlag(), again);
        client.write(RecvForms.of(entry.command().at(entry.seq()), session.uid(), again));
    }
}
