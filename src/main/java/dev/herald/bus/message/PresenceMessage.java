package dev.herald.bus.message;

import java.util.List;

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
}
