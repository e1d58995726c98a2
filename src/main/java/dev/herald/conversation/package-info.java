/**
 * What users have read, hidden and not seen yet of their channels: kept with their membership in PostgreSQL, told by
 * arithmetic, with no row that grows with messages. It owns these positions, and reads the message log beside them.
 */
@NullMarked
package dev.herald.conversation;

import org.jspecify.annotations.NullMarked;
