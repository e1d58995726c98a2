/** Channels and their members in PostgreSQL; every change carries its command. */
@NullMarked
package dev.herald.channel;

import org.jspecify.annotations.NullMarked;
