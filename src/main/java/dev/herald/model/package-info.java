/**
 * Values that every concern shares: channels, commands, deliveries, reason codes. It depends on nothing but the JDK.
 */
@NullMarked
package dev.herald.model;

import org.jspecify.annotations.NullMarked;
