/**
 * What users have of their channels: what they have not read, and the newest messages of each, over the conversations
 * and the message log.
 */
@NullMarked
package dev.herald.api.conversation;

import org.jspecify.annotations.NullMarked;
