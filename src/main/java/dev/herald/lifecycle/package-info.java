/**
 * Bounded in-flight work, guarded timers, backoff, rates: what a verticle needs to start, run and stop in order. It
 * knows nothing of what runs.
 */
@NullMarked
package dev.herald.lifecycle;

import org.jspecify.annotations.NullMarked;
