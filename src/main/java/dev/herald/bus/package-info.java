/**
 * The event bus with types: the one place that touches Vert.x's, and the list of all addresses. It owns deadlines,
 * failures as codes, and what of a message goes to which node; it knows no verticle.
 */
@NullMarked
package dev.herald.bus;

import org.jspecify.annotations.NullMarked;
