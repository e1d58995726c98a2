package dev.herald.presencelog;

import java.util.Map;

/**
 * One device flag of a user came online or went offline, as the registry of sessions decided it.
 *
 * @param version of the user's presence that it made: it belongs to no other edge of the user
 * @param devices live sessions per device flag after it; a flag that is only held for a return has 0
 * @param sessionId that brought the device online: it names the online and its offline; 0 if that is not known
 * @param node incarnation of the node whose session came or went
 * @param sinceMs when it really came or went, {@code atMs} when that was decided, both by Redis' clock
 */
public record Edge(
        String uid,
        long version,
        boolean online,
        int deviceFlag,
        Map<Integer, Integer> devices,
        long sessionId,
        long node,
        String reason,
        long atMs,
        long sinceMs) {
    public Edge {
        devices = Map.copyOf(devices);
    }
}
