/**
 * Ordinary messages: permission, channel sequences, batch commits, delivery. It owns the writing of the message log
 * and the one order in which a channel's messages are pushed; it reaches sockets over the bus.
 */
@NullMarked
package dev.herald.messaging;

import org.jspecify.annotations.NullMarked;
