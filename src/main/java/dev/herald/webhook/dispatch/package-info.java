/**
 * The work of one node: which lanes to look at, when, and what becomes of each batch, for every endpoint on its own. It
 * puts together what the packages beside it do, and has no statements but those of the scout,
 * of replays and of lag.
 */
@NullMarked
package dev.herald.webhook.dispatch;

import org.jspecify.annotations.NullMarked;
