/** Herald: commands that arrive, presence that is true. */
@NullMarked
package dev.herald;

import org.jspecify.annotations.NullMarked;
