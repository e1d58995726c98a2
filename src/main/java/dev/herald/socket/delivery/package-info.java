/**
 * What a session is brought: the commands of its user's inbox, in order and until they are acknowledged, and messages,
 * which are sent again. It reads and acknowledges inboxes over the bus, and writes to its {@link Client}.
 */
@NullMarked
package dev.herald.socket.delivery;

import org.jspecify.annotations.NullMarked;
