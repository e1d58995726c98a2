/**
 * Inboxes brought back from PostgreSQL, or held against it. It reads the log of commands and the stored cursors, and
 * writes to Redis what is missing there.
 */
@NullMarked
package dev.herald.fanout.rebuild;

import org.jspecify.annotations.NullMarked;
