/** Liveness, readiness and metrics on the management port. */
@NullMarked
package dev.herald.ops;

import org.jspecify.annotations.NullMarked;
