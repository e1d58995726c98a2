/**
 * The inbox of a user in Redis: its scripts, its entries, the cursors of its readers and their durable copy, its end. It
 * runs nothing on an inbox that an epoch has made doubtful, but has it brought back first, by whom it is told.
 */
@NullMarked
package dev.herald.fanout.inbox;

import org.jspecify.annotations.NullMarked;
