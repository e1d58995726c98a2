/**
 * The accounts that speak for the business itself, which no list stops. It owns their table, and touches PostgreSQL
 * only.
 */
@NullMarked
package dev.herald.account;

import org.jspecify.annotations.NullMarked;
