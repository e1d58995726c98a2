/**
 * What users have read, hidden and not seen yet of their channels: kept with their membership in PostgreSQL, told by
 * arithmetic, with no row that grows with messages.
 */
@NullMarked
package dev.herald.conversation;

import org.jspecify.annotations.NullMarked;
