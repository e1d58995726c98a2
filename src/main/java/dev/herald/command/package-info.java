/** The command source log in PostgreSQL: appended in the transaction of its cause, read by the fan-out. */
@NullMarked
package dev.herald.command;

import org.jspecify.annotations.NullMarked;
