/** The users' inboxes in Redis: commands appended to each, read, acknowledged and trimmed. */
@NullMarked
package dev.herald.fanout;

import org.jspecify.annotations.NullMarked;
