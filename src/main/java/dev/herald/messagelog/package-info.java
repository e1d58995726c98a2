/**
 * The stored messages of channels, for those who read them. It reads PostgreSQL; they are written by the messaging
 * concern alone, and ended by history.
 */
@NullMarked
package dev.herald.messagelog;

import org.jspecify.annotations.NullMarked;
