/** The accounts that speak for the business itself. */
@NullMarked
package dev.herald.account;

import org.jspecify.annotations.NullMarked;
