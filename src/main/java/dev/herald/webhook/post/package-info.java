/**
 * One request: what an endpoint is posted, signed, to which addresses it may go, and what came of it. Of
 * lanes it knows the batch that it is given, and whether the lease it sends under still stands.
 */
@NullMarked
package dev.herald.webhook.post;

import org.jspecify.annotations.NullMarked;
