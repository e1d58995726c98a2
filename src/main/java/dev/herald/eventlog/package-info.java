/**
 * The event log in PostgreSQL that webhooks and the pull feed read. It owns the log, its order for readers and what
 * events look like; whoever causes an event appends it in its own transaction, and webhooks' retention ends it.
 */
@NullMarked
package dev.herald.eventlog;

import org.jspecify.annotations.NullMarked;
