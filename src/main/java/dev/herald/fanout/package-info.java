/**
 * Commands on their way to devices: every committed one is brought to the inboxes of those whom it addresses, and their
 * devices read and acknowledge it there. The verticle puts the parts together and answers for them on the bus; it learns
 * of commands from their log, and of clients over the bus.
 */
@NullMarked
package dev.herald.fanout;

import org.jspecify.annotations.NullMarked;
