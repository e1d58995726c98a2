/**
 * Stored messages as back ends read them, and the events that are added to those that come in parts: over the message
 * log and the streams. {@code Reading}, which channel is meant and who may read it, and {@code MessageForms}, how a
 * message is shown, serve conversations, too.
 */
@NullMarked
package dev.herald.api.message;

import org.jspecify.annotations.NullMarked;
