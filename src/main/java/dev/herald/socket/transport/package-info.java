/**
 * How bytes come and go: the ports, the upgrade to a WebSocket and its frames, plain TCP. What came in it hands to an
 * {@link Entrance} as a {@link Transport}; of protocols, sessions and users it knows nothing.
 */
@NullMarked
package dev.herald.socket.transport;

import org.jspecify.annotations.NullMarked;
