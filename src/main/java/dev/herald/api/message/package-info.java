/**
 * Stored messages as back ends read them, and the events that are added to those that come in parts: over the message
 * log and the streams. {@code MessageForms}, how a message is shown, serves conversations, too.
 */
@NullMarked
package dev.herald.api.message;

import org.jspecify.annotations.NullMarked;
