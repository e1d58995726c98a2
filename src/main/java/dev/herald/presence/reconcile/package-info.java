/**
 * What compares and mends: the sockets of this node with the registry, the registry with what was told, and leases with
 * sessions. It changes the registry by the sessions' operations only.
 */
@NullMarked
package dev.herald.presence.reconcile;

import org.jspecify.annotations.NullMarked;
