/**
 * How users stand, for whoever asks or watches: read from the presence log, the registry and the event feed. It changes
 * nothing but when a user was last active.
 */
@NullMarked
package dev.herald.presence.status;

import org.jspecify.annotations.NullMarked;
