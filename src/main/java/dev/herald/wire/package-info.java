/** The two client protocols as pure functions between bytes and frames. It knows no socket and no store. */
@NullMarked
package dev.herald.wire;

import org.jspecify.annotations.NullMarked;
