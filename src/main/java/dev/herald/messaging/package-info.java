/** Ordinary messages: permission, channel sequences, batch commits, delivery. */
@NullMarked
package dev.herald.messaging;

import org.jspecify.annotations.NullMarked;
