/**
 * The endpoints that events are posted to, with their secrets, dead letters and attempts, in PostgreSQL. It owns what
 * they are and how secrets are sealed; the webhook concern delivers, and writes letters and attempts.
 */
@NullMarked
package dev.herald.endpoint;

import org.jspecify.annotations.NullMarked;
