/**
 * How nodes find each other; the only user of Hazelcast, which holds membership and bus subscriptions and nothing
 * else.
 */
@NullMarked
package dev.herald.cluster;

import org.jspecify.annotations.NullMarked;
