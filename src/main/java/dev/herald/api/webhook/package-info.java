/**
 * The endpoints that events are posted to: their settings and secrets, what was sent to them, and what they could not
 * be given, over the store of endpoints.
 */
@NullMarked
package dev.herald.api.webhook;

import org.jspecify.annotations.NullMarked;
