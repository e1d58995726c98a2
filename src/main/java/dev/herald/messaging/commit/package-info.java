/**
 * From a message that waits to its place in the log: lanes, batches, tries, the one statement, the answers. It owns the
 * writing of the message log, and hands what is stored to delivery.
 */
@NullMarked
package dev.herald.messaging.commit;

import org.jspecify.annotations.NullMarked;
