/**
 * Clients on WebSockets and TCP: handshake, protocol, sessions, bounded outboxes, heartbeats. It owns every connection
 * of its node; whatever a client asks goes over the bus, but for the check of a login.
 */
@NullMarked
package dev.herald.socket;

import org.jspecify.annotations.NullMarked;
