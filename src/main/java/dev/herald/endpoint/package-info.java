/** The endpoints that events are posted to, with their secrets, dead letters and attempts, in PostgreSQL. */
@NullMarked
package dev.herald.endpoint;

import org.jspecify.annotations.NullMarked;
