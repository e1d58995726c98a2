/**
 * The one order in which a channel's messages are pushed, here and to other nodes, and how what was missed in it is found
 * in the log. It reaches sockets over the bus.
 */
@NullMarked
package dev.herald.messaging.delivery;

import org.jspecify.annotations.NullMarked;
