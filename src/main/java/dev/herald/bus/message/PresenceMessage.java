package dev.herald.bus.message;

import java.util.List;
import java.util.Map;
import java.util.Set;

/** To and from the owner of the session registry, the presence verticle. */
public sealed interface PresenceMessage extends BusMessage {

    /** A client has proved who it is. */
    record OpenSession(SessionInfo session) implements PresenceMessage {}

    /**
     * One connection of one device.
     *
     * @param id unique for ever; it begins with the incarnation of the node that holds the socket
     * @param deviceFlag 0 to 255
     * @param master the device level of the stored token (wukong-interfaces section 1.6)
     * @param deviceId chosen by the client: it decides only which older session of the same flag is replaced
     */
    record SessionInfo(long id, String uid, int deviceFlag, boolean master, String deviceId) {
        private static final int COUNTER_BITS = 32;

        /** The id of a node's n-th session. */
        public static long id(long incarnation, long counter) {
            return (incarnation << COUNTER_BITS) | (counter & 0xffff_ffffL);
        }

        public static long incarnationOf(long id) {
            return id >>> COUNTER_BITS;
        }
    }

    /** @param version of the user's presence after the change; it only grows */
    record SessionOpened(long version) implements PresenceMessage {}

    /** A socket is gone; told once per session, repeated by the owner until the registry knows. */
    record EndSession(long id, String uid, EndReason reason) implements PresenceMessage {}

    /** All sessions of this node's sockets. */
    record LiveSessions(List<SessionInfo> sessions) implements PresenceMessage {
        public LiveSessions {
            sessions = List.copyOf(sessions);
        }
    }

    /** Register again what the node has of these users: somebody believes that they are gone. */
    record AlignUsers(List<String> uids) implements PresenceMessage {
        public AlignUsers {
            uids = List.copyOf(uids);
        }
    }

    /** Which nodes take part? */
    record PeersQuery() implements PresenceMessage {}

    record PeerList(List<Peer> peers) implements PresenceMessage {
        public PeerList {
            peers = List.copyOf(peers);
        }
    }

    /**
     * @param name under which the node holds its lease
     * @param lease {@code ready}, {@code restoring} while it registers what it has, or empty: it has ended
     * @param leaseMs until the lease ends
     * @param users with sessions there, about
     */
    record Peer(String name, long incarnation, String lease, long leaseMs, long users) {}

    /** Takes a node's lease away: the others take over at once what it has; if it lives, it begins anew. */
    record EvictNode(long incarnation) implements PresenceMessage {}

    /** What differs between the sockets of the asked node, the registry, and what was told of these users? */
    record VerifyUsers(List<String> uids) implements PresenceMessage {
        public VerifyUsers {
            uids = List.copyOf(uids);
        }
    }

    record Differences(List<Difference> list) implements PresenceMessage {
        public Differences {
            list = List.copyOf(list);
        }
    }

    /** @param detail what differs, for whoever looks into it */
    record Difference(String kind, String uid, String detail) {}

    /** Why a session ended: each end has exactly one reason. */
    enum EndReason {
        CLOSE,
        TIMEOUT,
        KICKED,
        REPLACED,
        DRAINED,
        NODE_LOST,
        RECONCILED
    }

    /**
     * Ends the sessions of a user's device with a DISCONNECT.
     *
     * @param deviceFlag -1 for every device
     * @param text shown to the client with reason 12
     */
    record KickDevice(String uid, int deviceFlag, String text) implements PresenceMessage {}

    /** Ends one session of a user, on whatever node, in the same way. */
    record KickSession(String uid, long id, String text) implements PresenceMessage {}

    /** Where are the sessions of these users? */
    record RouteQuery(Set<String> uids) implements PresenceMessage {
        public RouteQuery {
            uids = Set.copyOf(uids);
        }
    }

    /** @param nodes incarnations of those that hold sessions, by user; who has none is missing */
    record Routes(Map<String, Set<Long>> nodes) implements PresenceMessage {
        public Routes {
            nodes = Map.copyOf(nodes);
        }
    }

    record OnlineQuery(List<String> uids) implements PresenceMessage {
        public OnlineQuery {
            uids = List.copyOf(uids);
        }
    }

    /** One row per session, online users only. */
    record OnlineRows(List<OnlineRow> rows) implements PresenceMessage {
        public OnlineRows {
            rows = List.copyOf(rows);
        }
    }

    /** @param master the device level of the session */
    record OnlineRow(String uid, int deviceFlag, boolean master) {}

    /** How do these users stand? */
    record StatusQuery(List<String> uids) implements PresenceMessage {
        public StatusQuery {
            uids = List.copyOf(uids);
        }
    }

    /** In the order of the uids, each once. */
    record Statuses(List<Status> users) implements PresenceMessage {
        public Statuses {
            users = List.copyOf(users);
        }
    }

    /**
     * How a user stands, as events have told it.
     *
     * @param version of the newest event of the user; 0: there was none
     * @param sinceMs when the user came online or went offline; 0: never
     * @param activeMs when the user's clients last did something; 0: not lately
     * @param devices that are connected now: none while an offline is held back
     */
    record Status(String uid, boolean online, long version, long sinceMs, long activeMs, List<OnDevice> devices)
            implements PresenceMessage {
        public Status {
            devices = List.copyOf(devices);
        }
    }

    /** @param nodes incarnations of the nodes that hold these sessions */
    record OnDevice(int deviceFlag, int count, List<Long> nodes) implements PresenceMessage {
        public OnDevice {
            nodes = List.copyOf(nodes);
        }
    }

    /** @param lastMs when a client of a user last did something of its own accord, milliseconds since 1970 */
    record Activity(Map<String, Long> lastMs) implements PresenceMessage {
        public Activity {
            lastMs = Map.copyOf(lastMs);
        }
    }

    /**
     * How do these users stand, and from now on tell of their changes. Whoever watches repeats it now and then, be it
     * for nobody new: a node on which nobody does follows no changes.
     */
    record FollowUsers(List<String> uids) implements PresenceMessage {
        public FollowUsers {
            uids = List.copyOf(uids);
        }
    }

    /** In the order of the uids. */
    record UserStates(List<UserState> users) implements PresenceMessage {
        public UserStates {
            users = List.copyOf(users);
        }
    }

    /**
     * What changed, of each user the newest.
     *
     * @param gap changes before these may have been missed: whoever watches asks again
     */
    record StatesChanged(List<UserState> users, boolean gap) implements PresenceMessage {
        public StatesChanged {
            users = List.copyOf(users);
        }
    }

    /**
     * What events have told of a user, and whether the user is active.
     *
     * @param version of the newest event; 0: there was none
     * @param sinceMs when the user came online or went offline; 0: never
     * @param deviceFlag that came or went last, as far as it is known
     * @param mainDeviceFlag the one to show of those that are online
     * @param activeMs when a client of the user, who is online, last did something; 0: not lately, or it is not known
     */
    record UserState(
            String uid, boolean online, long version, long sinceMs, int deviceFlag, int mainDeviceFlag, long activeMs)
            implements PresenceMessage {
        public UserState activeAt(long ms) {
            return ms == activeMs ? this : new UserState(uid, online, version, sinceMs, deviceFlag, mainDeviceFlag, ms);
        }

        public UserState showing(int flag) {
            return flag == mainDeviceFlag
                    ? this
                    : new UserState(uid, online, version, sinceMs, deviceFlag, flag, activeMs);
        }

        public boolean active() {
            return activeMs > 0;
        }
    }
}
