package dev.herald.socket;

import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.message.InboxMessage.Ack;
import dev.herald.bus.message.InboxMessage.Entry;
import dev.herald.bus.message.InboxMessage.GiveInbox;
import dev.herald.bus.message.InboxMessage.InboxOpened;
import dev.herald.bus.message.InboxMessage.InboxPage;
import dev.herald.bus.message.InboxMessage.OpenInbox;
import dev.herald.bus.message.InboxMessage.ReadInbox;
import dev.herald.bus.message.PresenceMessage.SessionInfo;
import dev.herald.trail.Trail;
import io.vertx.core.Future;
import java.util.OptionalInt;

/** Ties a feed to its device's cursor on the bus and to its connection. */
record SessionInbox(Bus bus, Acks acks, SessionInfo session, Connection connection, SocketMeters meters, Trail trail)
        implements CommandFeed.Port {

    @Override
    public Future<InboxOpened> open() {
        return bus.request(Addresses.INBOX_OPEN, new OpenInbox(session.uid(), session.deviceFlag()));
    }

    @Override
    public Future<InboxPage> read(long after, int limit) {
        return bus.request(Addresses.INBOX_READ, new ReadInbox(session.uid(), after, limit));
    }

    @Override
    public Future<?> acknowledge(long seq) {
        return acks.add(new Ack(session.uid(), OptionalInt.of(session.deviceFlag()), seq, false));
    }

    @Override
    public void gave(long seq, boolean told) {
        bus.tell(Addresses.INBOX_GIVE, new GiveInbox(session.uid(), session.deviceFlag(), seq, told));
    }

    /** Encrypted and in base64, and that again in JSON-RPC, a payload is less than twice as long. */
    @Override
    public boolean hasRoom(int bytes) {
        return connection.hasRoom(2 * bytes);
    }

    @Override
    public void tellFresh() {
        connection.write(Unstored.resync());
    }

    @Override
    public void send(Entry entry, boolean again) {
        meters.commandSent(again);
        trail.sent(entry.command().id(), session.uid(), session.deviceFlag(), again);
        connection.write(RecvForm.of(entry.command().at(entry.seq()), session.uid(), again));
    }
}
