/**
 * What every route stands on: {@code Routes} takes it, proof ({@code Access}) comes before it, and it makes a {@code
 * Reply} of a {@code Call}, whose body it reads through {@code Fields}. Around that the document that both are held
 * against ({@code Contract}), repeats ({@code Once}, with its own table of keys) and refusals ({@code Problem}). It
 * knows no resource, but for the form of a message's id, and no store.
 */
@NullMarked
package dev.herald.api.http;

import org.jspecify.annotations.NullMarked;
