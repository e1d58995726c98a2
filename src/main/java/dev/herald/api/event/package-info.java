/**
 * The log of events for those who fetch it: {@code ChangeWaits} lets callers wait for what comes next, {@code Cursors}
 * names places in it; both serve the feed of presence, too.
 */
@NullMarked
package dev.herald.api.event;

import org.jspecify.annotations.NullMarked;
