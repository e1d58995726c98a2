/** The two client protocols as pure functions between bytes and frames. Knows no socket and no store. */
@NullMarked
package dev.herald.wire;

import org.jspecify.annotations.NullMarked;
