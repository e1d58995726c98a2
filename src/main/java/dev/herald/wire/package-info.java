/**
 * The two client protocols as state machines between bytes and frames: what both share stands here, what one alone has in
 * {@code binary} and {@code json}. It owns forms, keys and bounds, and knows no socket, store or clock.
 */
@NullMarked
package dev.herald.wire;

import org.jspecify.annotations.NullMarked;
