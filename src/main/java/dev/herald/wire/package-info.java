/**
 * The two client protocols as pure functions between bytes and frames. It owns their forms, keys and bounds, and knows no
 * socket, no store and no clock.
 */
@NullMarked
package dev.herald.wire;

import org.jspecify.annotations.NullMarked;
