/**
 * The known devices of users in PostgreSQL, with the hashes of their tokens and when they were last told to quit: all
 * that decides whether a client may connect. It owns these tables; whether a user is banned it reads from the channels'.
 */
@NullMarked
package dev.herald.device;

import org.jspecify.annotations.NullMarked;
