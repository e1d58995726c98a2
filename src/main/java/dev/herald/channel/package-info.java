/**
 * Channels, their members and lists in PostgreSQL. Every change raises the channel's revision and, unless
 * told not to, appends its command in one transaction, which is all that this package touches.
 */
@NullMarked
package dev.herald.channel;

import org.jspecify.annotations.NullMarked;
