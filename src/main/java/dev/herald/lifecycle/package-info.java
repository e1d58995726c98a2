/** Bounded in-flight work, guarded timers, backoff: what a verticle needs to start, run and stop in order. */
@NullMarked
package dev.herald.lifecycle;

import org.jspecify.annotations.NullMarked;
