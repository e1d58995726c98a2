/**
 * Who is online: the session registry in Redis, its edges as events, and the sweeps that keep it true. It owns
 * sessions, node leases and the grace of those who left; what it told is in the presence log.
 */
@NullMarked
package dev.herald.presence;

import org.jspecify.annotations.NullMarked;
