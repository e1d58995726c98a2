/**
 * Who works on which lane of which endpoint, and how far each has come: claims, leases, settlements and keys that go
 * their own way, all in PostgreSQL. It sends nothing and judges nothing.
 */
@NullMarked
package dev.herald.webhook.lane;

import org.jspecify.annotations.NullMarked;
