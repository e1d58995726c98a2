/**
 * The endpoints that events are posted to, with their secrets, dead letters and attempts, in PostgreSQL. It owns their
 * tables and how secrets are sealed; delivery is the webhook concern's.
 */
@NullMarked
package dev.herald.endpoint;

import org.jspecify.annotations.NullMarked;
