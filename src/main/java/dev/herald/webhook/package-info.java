/** Delivers the event log to the back end: signed, in order per key, retried from its cursor. */
@NullMarked
package dev.herald.webhook;

import org.jspecify.annotations.NullMarked;
