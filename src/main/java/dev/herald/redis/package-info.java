/**
 * The connection to Redis, one server or many, and the scripts that run there; the only one that connects. It
 * knows how keys are spread and nothing of what they mean, but for a user's tag.
 */
@NullMarked
package dev.herald.redis;

import org.jspecify.annotations.NullMarked;
