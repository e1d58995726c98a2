/** The event log in PostgreSQL that webhooks and the pull feed read. */
@NullMarked
package dev.herald.eventlog;

import org.jspecify.annotations.NullMarked;
