/**
 * The HTTP API for back ends, in WuKongIM's routes, bodies and errors, and what goes beyond them. A class named Routes holds
 * what belongs to one resource, and {@code ApiVerticle} mounts it: a new route goes to the class of its path, or gets one.
 * What no route has to think of is done by {@code Calls} around it: proof ({@code Access}), body and fields ({@code Call},
 * {@code Fields}), the document that both are held against ({@code Contract}), repeats ({@code Once}), answers ({@code Reply})
 * and refusals ({@code Problem}). It is one package because these serve nobody else; routes know nothing of each other but
 * the forms that they share. They change and read PostgreSQL through the stores, in the caller's own transaction, and ask
 * whatever lives in Redis or on a socket over the bus.
 */
@NullMarked
package dev.herald.api;

import org.jspecify.annotations.NullMarked;
