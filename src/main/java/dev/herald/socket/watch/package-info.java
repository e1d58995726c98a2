/**
 * Whom clients watch: their lists and subscriptions, how the watched users stand, and telling each watcher the newest
 * of it. It asks presence over the bus and reads watch lists; its clients are those of {@code delivery}.
 */
@NullMarked
package dev.herald.socket.watch;

import org.jspecify.annotations.NullMarked;
