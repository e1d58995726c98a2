/**
 * What an outcome means for the next attempt: verdict, schedule, breaker and throttle. Plain rules, without a clock, a
 * store or a socket of their own.
 */
@NullMarked
package dev.herald.webhook.retry;

import org.jspecify.annotations.NullMarked;
