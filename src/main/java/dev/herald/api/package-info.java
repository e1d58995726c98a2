/** The HTTP API for back ends, in WuKongIM's routes, bodies and errors. */
@NullMarked
package dev.herald.api;

import org.jspecify.annotations.NullMarked;
