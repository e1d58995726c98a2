/**
 * WuKongIM's JSON forms that several concerns speak: messages as back ends are shown them, and what commands say. It knows
 * the model only.
 */
@NullMarked
package dev.herald.wukong;

import org.jspecify.annotations.NullMarked;
