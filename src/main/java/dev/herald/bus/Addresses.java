package dev.herald.bus;

import dev.herald.bus.message.Done;
import dev.herald.bus.message.InboxMessage.AckInbox;
import dev.herald.bus.message.InboxMessage.InboxOpened;
import dev.herald.bus.message.InboxMessage.InboxPage;
import dev.herald.bus.message.InboxMessage.OpenInbox;
import dev.herald.bus.message.InboxMessage.PullInbox;
import dev.herald.bus.message.InboxMessage.ReadInbox;
import dev.herald.bus.message.MessagingMessage.MessageSent;
import dev.herald.bus.message.MessagingMessage.SendMessage;
import dev.herald.bus.message.OpsMessage.HealthQuery;
import dev.herald.bus.message.OpsMessage.HealthReport;
import dev.herald.bus.message.PresenceMessage.Activity;
import dev.herald.bus.message.PresenceMessage.EndSession;
import dev.herald.bus.message.PresenceMessage.KickDevice;
import dev.herald.bus.message.PresenceMessage.OnlineQuery;
import dev.herald.bus.message.PresenceMessage.OnlineRows;
import dev.herald.bus.message.PresenceMessage.OpenSession;
import dev.herald.bus.message.PresenceMessage.SessionOpened;
import dev.herald.bus.message.PresenceMessage.StatusQuery;
import dev.herald.bus.message.PresenceMessage.Statuses;
import dev.herald.bus.message.SocketMessage.CloseSessions;
import dev.herald.bus.message.SocketMessage.InboxesChanged;
import dev.herald.bus.message.SocketMessage.Push;
import dev.herald.bus.message.SocketMessage.Wake;
import java.time.Duration;

/** Every address of the bus. */
public final class Addresses {
    private static final Duration DEADLINE = Duration.ofSeconds(10);

    public static final Address<OpenInbox, InboxOpened> INBOX_OPEN = new Address<>("inbox.open", DEADLINE);
    public static final Address<ReadInbox, InboxPage> INBOX_READ = new Address<>("inbox.read", DEADLINE);
    public static final Address<PullInbox, InboxPage> INBOX_PULL = new Address<>("inbox.pull", DEADLINE);
    public static final Address<AckInbox, Done> INBOX_ACK = new Address<>("inbox.ack", DEADLINE);

    /** A command was committed: the fan-out looks at its log now instead of at its next sweep. */
    public static final Address<Done, Done> COMMANDS_PENDING = new Address<>("commands.pending", DEADLINE);

    /** An event was committed: the dispatcher looks at its log now instead of at its next sweep. */
    public static final Address<Done, Done> EVENTS_PENDING = new Address<>("events.pending", DEADLINE);

    public static final Address<OpenSession, SessionOpened> SESSION_OPEN = new Address<>("session.open", DEADLINE);
    public static final Address<EndSession, Done> SESSION_END = new Address<>("session.end", DEADLINE);
    public static final Address<KickDevice, Done> DEVICE_KICK = new Address<>("device.kick", DEADLINE);
    public static final Address<OnlineQuery, OnlineRows> ONLINE_QUERY = new Address<>("online.query", DEADLINE);

    public static final Address<StatusQuery, Statuses> STATUS_QUERY = new Address<>("status.query", DEADLINE);
    public static final Address<Activity, Done> ACTIVITY = new Address<>("activity", DEADLINE);

    /** Published: changes of presence were committed, whoever follows their feed may look now. */
    public static final Address<Done, Done> PRESENCE_CHANGED = new Address<>("presence.changed", DEADLINE);

    public static final Address<SendMessage, MessageSent> MESSAGE_SEND = new Address<>("message.send", DEADLINE);

    public static final Address<HealthQuery, HealthReport> HEALTH = new Address<>("health", DEADLINE);

    /** Published: every socket verticle of the node hears these. */
    public static final Address<Push, Done> SOCKETS_PUSH = new Address<>("sockets.push", DEADLINE);

    public static final Address<Wake, Done> SOCKETS_WAKE = new Address<>("sockets.wake", DEADLINE);
    public static final Address<InboxesChanged, Done> SOCKETS_REPLAY = new Address<>("sockets.replay", DEADLINE);
    public static final Address<CloseSessions, Done> SOCKETS_CLOSE = new Address<>("sockets.close", DEADLINE);

    private Addresses() {}
}
