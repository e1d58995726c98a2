/** The connection to PostgreSQL and its migrations; the only maker of PostgreSQL clients. */
@NullMarked
package dev.herald.postgres;

import org.jspecify.annotations.NullMarked;
