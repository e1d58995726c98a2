/** The load driver: runs against any server that speaks WuKongIM's protocol and HTTP API. */
@NullMarked
package dev.herald.bench;

import org.jspecify.annotations.NullMarked;
