/** The connection to Redis and the scripts that run there; the only user of the Redis client. */
@NullMarked
package dev.herald.redis;

import org.jspecify.annotations.NullMarked;
