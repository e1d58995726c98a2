/**
 * Liveness, readiness and metrics on the management port. It only tells, since nobody is asked for proof there; what
 * operators may do is on the API.
 */
@NullMarked
package dev.herald.ops;

import org.jspecify.annotations.NullMarked;
