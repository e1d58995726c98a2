/**
 * The fan-out itself: which commands are this node's to walk over their users, by lease, and the walk, page by page. It owns
 * the progress that the log of commands notes, and appends to inboxes only.
 */
@NullMarked
package dev.herald.fanout.walk;

import org.jspecify.annotations.NullMarked;
