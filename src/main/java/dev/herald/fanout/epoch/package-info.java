/**
 * Which Redis this is, and whether it may have lost something: the number that says so, the word that the last node leaves,
 * the policy that it must have. It owns the row in PostgreSQL that all nodes agree by, and knows nothing of inboxes.
 */
@NullMarked
package dev.herald.fanout.epoch;

import org.jspecify.annotations.NullMarked;
