/**
 * The session registry in Redis, asked and changed by its scripts: every form of question and answer. It decides
 * nothing and remembers the highest version told; of this node it knows the lease under which it asks.
 */
@NullMarked
package dev.herald.presence.registry;

import org.jspecify.annotations.NullMarked;
