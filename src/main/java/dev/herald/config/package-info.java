/**
 * The configuration: read, checked as a whole, and handed out as immutable records. It owns every key; of the other
 * packages it knows only how a Redis is named.
 */
@NullMarked
package dev.herald.config;

import org.jspecify.annotations.NullMarked;
