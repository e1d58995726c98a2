/**
 * The connection to PostgreSQL, its migrations, and the forms of rows and arguments; the only maker of PostgreSQL
 * clients.
 */
@NullMarked
package dev.herald.postgres;

import org.jspecify.annotations.NullMarked;
