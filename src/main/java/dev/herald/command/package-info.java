/**
 * The command source log in PostgreSQL: appended in the transaction of its cause, read by the fan-out. It owns the log,
 * and tells from it and the cursors how far each command has come; walking it, and the inboxes, are the fan-out's.
 */
@NullMarked
package dev.herald.command;

import org.jspecify.annotations.NullMarked;
