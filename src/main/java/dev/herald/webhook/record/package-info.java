/**
 * What is written down of webhooks beside the lanes, and for how long: attempts, the health of endpoints, meters, and
 * the end of what was kept long enough. It sends nothing.
 */
@NullMarked
package dev.herald.webhook.record;

import org.jspecify.annotations.NullMarked;
