/**
 * Clients on WebSockets and TCP: it owns every connection of its node, from admission and login to its session, its
 * bounded outbox, its heartbeats and its end. Bytes come and go by {@code transport}; what a session sends, is brought
 * and watches is in {@code send}, {@code delivery} and {@code watch}. Whatever a client asks goes over the bus, but for
 * the check of a login and of a watch list.
 */
@NullMarked
package dev.herald.socket;

import org.jspecify.annotations.NullMarked;
