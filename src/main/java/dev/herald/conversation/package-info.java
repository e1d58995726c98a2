/** What users have read, hidden and not seen yet of their channels: kept with their membership, told by arithmetic. */
@NullMarked
package dev.herald.conversation;

import org.jspecify.annotations.NullMarked;
