/**
 * Who is in a channel and on its lists, in memory, as of a revision of the channel. It reads PostgreSQL and writes nothing.
 */
@NullMarked
package dev.herald.messaging.roster;

import org.jspecify.annotations.NullMarked;
