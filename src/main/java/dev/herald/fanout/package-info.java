/**
 * The users' inboxes in Redis: commands appended to each, read, acknowledged and trimmed. It owns the lists, the
 * devices' cursors and their rebuilding from PostgreSQL; it learns of commands from their log and of clients over the
 * bus.
 */
@NullMarked
package dev.herald.fanout;

import org.jspecify.annotations.NullMarked;
