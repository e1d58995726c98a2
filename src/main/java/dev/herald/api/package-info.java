/**
 * The HTTP API for back ends, in WuKongIM's routes, bodies and errors, and what goes beyond them. Here is only the
 * verticle, which mounts what the packages inside serve: one for each kind of resource, with one class named Api that
 * is its entrance and one class named Routes for each group of paths. They stand on {@code http} and know nothing of
 * each other but the forms that they share, in one direction. They change and read PostgreSQL through the stores, in
 * the caller's own transaction, and ask whatever lives in Redis or on a socket over the bus.
 */
@NullMarked
package dev.herald.api;

import org.jspecify.annotations.NullMarked;
