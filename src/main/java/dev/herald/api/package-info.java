/**
 * The HTTP API for back ends, in WuKongIM's routes, bodies and errors. It owns the form of requests and answers, the
 * document that they are held against, and the keys of repeats; it changes and reads PostgreSQL through the stores, in
 * the caller's own transaction, and asks whatever lives in Redis or on a socket over the bus. A class named Routes
 * holds what belongs to one resource.
 */
@NullMarked
package dev.herald.api;

import org.jspecify.annotations.NullMarked;
