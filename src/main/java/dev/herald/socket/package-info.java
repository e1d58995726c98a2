/** Clients on WebSockets: handshake, protocol, sessions, bounded outboxes, heartbeats. */
@NullMarked
package dev.herald.socket;

import org.jspecify.annotations.NullMarked;
