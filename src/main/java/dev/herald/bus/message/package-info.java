/**
 * What verticles say to each other, as immutable records. They depend on the model only; two adjacent versions must
 * read each other's, so fields are only added.
 */
@NullMarked
package dev.herald.bus.message;

import org.jspecify.annotations.NullMarked;
