/**
 * What back ends send, messages through the messaging concern and commands through the command store, and how far
 * commands have come: who has them, and the inbox for clients that pull.
 */
@NullMarked
package dev.herald.api.send;

import org.jspecify.annotations.NullMarked;
