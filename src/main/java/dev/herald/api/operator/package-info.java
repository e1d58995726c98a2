/**
 * What operators see of the nodes and of the way of one message, and what they can have done: asks the nodes over the
 * bus, and reads every store.
 */
@NullMarked
package dev.herald.api.operator;

import org.jspecify.annotations.NullMarked;
