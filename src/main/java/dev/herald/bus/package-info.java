/** The event bus with types: the one place that touches Vert.x's, and the list of all addresses. */
@NullMarked
package dev.herald.bus;

import org.jspecify.annotations.NullMarked;
