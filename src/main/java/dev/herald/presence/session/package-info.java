/**
 * The sessions of this node: each change brought into the registry in its turn, and what follows from it, sockets to
 * close, offlines to hold, edges to record. It touches no key itself.
 */
@NullMarked
package dev.herald.presence.session;

import org.jspecify.annotations.NullMarked;
