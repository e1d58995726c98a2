/**
 * Delivers the event log to the back end: signed, in order per key, retried from its cursor. It owns the lanes with
 * their leases and the way out of the network; endpoints and events are stores that it reads
 * and ends what is too old in.
 */
@NullMarked
package dev.herald.webhook;

import org.jspecify.annotations.NullMarked;
