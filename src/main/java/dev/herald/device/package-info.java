/** The known devices of users in PostgreSQL, with their tokens. */
@NullMarked
package dev.herald.device;

import org.jspecify.annotations.NullMarked;
