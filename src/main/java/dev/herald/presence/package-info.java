/** Who is online: the session registry in Redis, its edges as events, and the sweeps that keep it true. */
@NullMarked
package dev.herald.presence;

import org.jspecify.annotations.NullMarked;
