/**
 * Users and their connections: tokens, system accounts, where clients connect, who is connected, and the end of that.
 */
@NullMarked
package dev.herald.api.user;

import org.jspecify.annotations.NullMarked;
