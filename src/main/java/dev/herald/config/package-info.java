/** The configuration: read, checked as a whole, and handed out as immutable records. */
@NullMarked
package dev.herald.config;

import org.jspecify.annotations.NullMarked;
