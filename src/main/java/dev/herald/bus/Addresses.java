package dev.herald.bus;

import dev.herald.bus.message.BusMessage;
import dev.herald.bus.message.Done;
import dev.herald.bus.message.InboxMessage.AckInboxes;
import dev.herald.bus.message.InboxMessage.InboxOpened;
import dev.herald.bus.message.InboxMessage.InboxPage;
import dev.herald.bus.message.InboxMessage.OpenInbox;
import dev.herald.bus.message.InboxMessage.PullInbox;
import dev.herald.bus.message.InboxMessage.ReadInbox;
import dev.herald.bus.message.InboxMessage.RebuildInboxes;
import dev.herald.bus.message.InboxMessage.RefreshCursors;
import dev.herald.bus.message.MessagingMessage.ChannelEvent;
import dev.herald.bus.message.MessagingMessage.ChannelMessages;
import dev.herald.bus.message.MessagingMessage.MessageSent;
import dev.herald.bus.message.MessagingMessage.SendAnswers;
import dev.herald.bus.message.MessagingMessage.SendMessage;
import dev.herald.bus.message.MessagingMessage.SendMessages;
import dev.herald.bus.message.OpsMessage.HealthQuery;
import dev.herald.bus.message.OpsMessage.HealthReport;
import dev.herald.bus.message.OpsMessage.NodeQuery;
import dev.herald.bus.message.OpsMessage.NodeReport;
import dev.herald.bus.message.PresenceMessage.Activity;
import dev.herald.bus.message.PresenceMessage.AlignUsers;
import dev.herald.bus.message.PresenceMessage.Differences;
import dev.herald.bus.message.PresenceMessage.EndSession;
import dev.herald.bus.message.PresenceMessage.EvictNode;
import dev.herald.bus.message.PresenceMessage.FollowUsers;
import dev.herald.bus.message.PresenceMessage.KickDevice;
import dev.herald.bus.message.PresenceMessage.KickSession;
import dev.herald.bus.message.PresenceMessage.LiveSessions;
import dev.herald.bus.message.PresenceMessage.OnlineQuery;
import dev.herald.bus.message.PresenceMessage.OnlineRows;
import dev.herald.bus.message.PresenceMessage.OpenSession;
import dev.herald.bus.message.PresenceMessage.PeerList;
import dev.herald.bus.message.PresenceMessage.PeersQuery;
import dev.herald.bus.message.PresenceMessage.RouteQuery;
import dev.herald.bus.message.PresenceMessage.Routes;
import dev.herald.bus.message.PresenceMessage.SessionOpened;
import dev.herald.bus.message.PresenceMessage.StatesChanged;
import dev.herald.bus.message.PresenceMessage.StatusQuery;
import dev.herald.bus.message.PresenceMessage.Statuses;
import dev.herald.bus.message.PresenceMessage.UserStates;
import dev.herald.bus.message.PresenceMessage.VerifyUsers;
import dev.herald.bus.message.SocketMessage.Absent;
import dev.herald.bus.message.SocketMessage.AbsentQuery;
import dev.herald.bus.message.SocketMessage.CloseSessions;
import dev.herald.bus.message.SocketMessage.ConnectionList;
import dev.herald.bus.message.SocketMessage.InboxesChanged;
import dev.herald.bus.message.SocketMessage.ListConnections;
import dev.herald.bus.message.SocketMessage.PushEvent;
import dev.herald.bus.message.SocketMessage.Pushes;
import dev.herald.bus.message.SocketMessage.ReportSessions;
import dev.herald.bus.message.SocketMessage.Trace;
import dev.herald.bus.message.SocketMessage.TraceQuery;
import dev.herald.bus.message.SocketMessage.Wake;
import dev.herald.bus.message.SocketMessage.WatchListChanged;
import dev.herald.bus.message.WebhookMessage.FireTest;
import dev.herald.bus.message.WebhookMessage.TestFired;
import java.time.Duration;

/** Every address of the bus. */
public final class Addresses {
    private static final Duration DEADLINE = Duration.ofSeconds(10);

    /** Of what is of no more use if it takes long. */
    private static final Duration QUICK = Duration.ofSeconds(2);

    /** Longer than a message waits for a store, or for a channel that somebody else holds. */
    private static final Duration SENDING = Duration.ofSeconds(15);

    public static final Address<OpenInbox, InboxOpened> INBOX_OPEN = local("inbox.open");
    public static final Address<ReadInbox, InboxPage> INBOX_READ = local("inbox.read");
    public static final Address<PullInbox, InboxPage> INBOX_PULL = local("inbox.pull");
    public static final Address<AckInboxes, Done> INBOX_ACK = local("inbox.ack");
    public static final Address<RefreshCursors, Done> INBOX_REFRESH =
            new Address<>("inbox.refresh", Scope.LOCAL, QUICK);

    /** A command was committed: the fan-out looks at its log now instead of at its next sweep. */
    public static final Address<Done, Done> COMMANDS_PENDING = local("commands.pending");

    /** An event was committed: the dispatcher looks at its log now instead of at its next sweep. */
    public static final Address<Done, Done> EVENTS_PENDING = local("events.pending");

    /** Published: events can be read that could not be before. */
    public static final Address<Done, Done> EVENTS_ARRIVED = local("events.arrived");

    /** Published: an endpoint was changed, or is owed something again; everybody would find out by the next sweep. */
    public static final Address<Done, Done> WEBHOOKS_CHANGED = cluster("webhooks.changed");

    public static final Address<FireTest, TestFired> WEBHOOK_TEST =
            new Address<>("webhook.test", Scope.LOCAL, Duration.ofSeconds(14));

    public static final Address<OpenSession, SessionOpened> SESSION_OPEN = local("session.open");
    public static final Address<EndSession, Done> SESSION_END = local("session.end");

    /** Asked of the node that has the sockets of sessions that ended elsewhere. */
    public static final Address<CloseSessions, Done> SESSIONS_CLOSE = node("sessions.close", QUICK);

    public static final Address<AlignUsers, Done> SESSIONS_ALIGN = node("sessions.align");
    public static final Address<KickDevice, Done> DEVICE_KICK = local("device.kick");
    public static final Address<KickSession, Done> SESSION_KICK = local("session.kick");

    /** The registry has ended what it knew; a node may have what it did not know. */
    public static final Address<KickDevice, Done> DEVICE_KICKED = cluster("device.kicked");

    public static final Address<KickSession, Done> SESSION_KICKED = cluster("session.kicked");
    public static final Address<RouteQuery, Routes> SESSION_ROUTES =
            new Address<>("session.routes", Scope.LOCAL, QUICK);
    public static final Address<OnlineQuery, OnlineRows> ONLINE_QUERY = local("online.query");

    public static final Address<StatusQuery, Statuses> STATUS_QUERY = local("status.query");
    public static final Address<Activity, Done> ACTIVITY = local("activity");

    /** Published: changes of presence were committed, whoever follows their feed may look now. */
    public static final Address<Done, Done> PRESENCE_CHANGED = cluster("presence.changed");

    public static final Address<FollowUsers, UserStates> STATES_FOLLOW = local("states.follow");

    /** Published: for the sockets of this node, whose clients watch users. */
    public static final Address<StatesChanged, Done> STATES_CHANGED = local("states.changed");

    /** Back ends changed whom clients watch: their sockets look now instead of at their next sweep. */
    public static final Address<WatchListChanged, Done> WATCH_LIST_CHANGED = cluster("watch.list.changed");

    public static final Address<SendMessage, MessageSent> MESSAGE_SEND =
            new Address<>("message.send", Scope.LOCAL, SENDING);

    /** Told: the answers come one by one. */
    public static final Address<SendMessages, Done> MESSAGES_SEND =
            new Address<>("messages.send", Scope.LOCAL, SENDING);

    /** What another node has committed, for who is connected here; it answers who of those that are named is not. */
    public static final Address<ChannelMessages, Absent> MESSAGES_COMMITTED =
            new Address<>("messages.committed", Scope.CLUSTER, QUICK);

    /** Published: a node gave up messages that may be stored all the same; every node looks for what it was not told of. */
    public static final Address<Done, Done> MESSAGES_UNTOLD = cluster("messages.untold");

    /** Published: what happened to a message was stored; clients that miss it find it by the gap in the sequence. */
    public static final Address<ChannelEvent, Done> MESSAGE_EVENTS = cluster("message.events");

    /** Accounts were made or ceased to be system accounts: each node looks now instead of at its next sweep. */
    public static final Address<Done, Done> SYSTEM_ACCOUNTS_CHANGED = cluster("system.accounts.changed");

    public static final Address<NodeQuery, NodeReport> NODE_REPORT = node("node.report", QUICK);

    public static final Address<PeersQuery, PeerList> PEERS = local("peers");

    public static final Address<EvictNode, Done> NODE_EVICT = local("node.evict");

    /** What differs is looked at again a second later; what a node that is frozen would say is not waited for long. */
    public static final Address<VerifyUsers, Differences> SESSIONS_VERIFY =
            node("sessions.verify", Duration.ofSeconds(5));

    public static final Address<VerifyUsers, Differences> INBOX_VERIFY = local("inbox.verify");

    public static final Address<RebuildInboxes, Done> INBOX_REBUILD = local("inbox.rebuild");

    public static final Address<HealthQuery, HealthReport> HEALTH = local("health");

    public static final Address<AbsentQuery, Absent> SOCKETS_ABSENT =
            new Address<>("sockets.absent", Scope.LOCAL, QUICK);

    /** Published: every socket verticle hears these. */
    public static final Address<Pushes, Done> SOCKETS_PUSH = cluster("sockets.push");

    /** Published: every socket verticle of the node hears these. */
    public static final Address<PushEvent, Done> SOCKETS_EVENT = local("sockets.event");

    public static final Address<Wake, Done> SOCKETS_WAKE = node("sockets.wake");
    public static final Address<InboxesChanged, Done> SOCKETS_REPLAY = local("sockets.replay");
    /** Published inside a node; nodes of the version before tell it each other, too. */
    public static final Address<CloseSessions, Done> SOCKETS_CLOSE = node("sockets.close");

    /** Which sessions the sockets of this node have; one instance is asked, and asks all. */
    public static final Address<ReportSessions, LiveSessions> SOCKETS_REPORT =
            new Address<>("sockets.report", Scope.LOCAL, QUICK);

    /** Who is connected to a node; one instance is asked, and asks all. */
    public static final Address<ListConnections, ConnectionList> SOCKETS_LIST = node("sockets.list");

    public static final Address<TraceQuery, Trace> NODE_TRACE = node("node.trace", QUICK);

    /** Back ends changed who is a priority: each node looks now instead of at its next sweep. */
    public static final Address<Done, Done> PRIORITY_CHANGED = cluster("priority.changed");

    /** Whether a node hears the others. */
    public static final Address<Done, Done> NODE_PING = new Address<>("node.ping", Scope.NODE, QUICK);

    private Addresses() {}

    /** @param name as {@link SendMessages} gives it */
    public static Address<SendAnswers, Done> answersTo(String name) {
        return local("messages.sent." + name);
    }

    private static <Q extends BusMessage, R extends BusMessage> Address<Q, R> local(String value) {
        return new Address<>(value, Scope.LOCAL, DEADLINE);
    }

    private static <Q extends BusMessage, R extends BusMessage> Address<Q, R> node(String value) {
        return node(value, DEADLINE);
    }

    private static <Q extends BusMessage, R extends BusMessage> Address<Q, R> node(String value, Duration deadline) {
        return new Address<>(value, Scope.NODE, deadline);
    }

    private static <Q extends BusMessage, R extends BusMessage> Address<Q, R> cluster(String value) {
        return new Address<>(value, Scope.CLUSTER, DEADLINE);
    }
}
