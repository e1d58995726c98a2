/** What verticles say to each other. Depends on the model only. */
@NullMarked
package dev.herald.bus.message;

import org.jspecify.annotations.NullMarked;
