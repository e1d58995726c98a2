/**
 * The command source log in PostgreSQL: appended in the transaction of its cause, read by the fan-out. It owns the log
 * and what is derived from it, how far each command has come; the inboxes themselves are the fan-out's.
 */
@NullMarked
package dev.herald.command;

import org.jspecify.annotations.NullMarked;
