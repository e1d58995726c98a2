/**
 * Users and their connections: tokens, system accounts, where clients connect, who is connected, and the end of that:
 * over the stores of devices and accounts, and the bus. {@code ClientAddresses} and {@code Elapsed} serve operators, too.
 */
@NullMarked
package dev.herald.api.user;

import org.jspecify.annotations.NullMarked;
