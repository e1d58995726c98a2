/**
 * Ordinary messages: who may send, the commit in the order of channels, delivery. The verticle puts the parts together,
 * bounds what is under way, and answers for them on the bus.
 */
@NullMarked
package dev.herald.messaging;

import org.jspecify.annotations.NullMarked;
