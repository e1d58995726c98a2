/**
 * What clients send: the rules and the rate of a SEND, its way over the bus together with the others of one turn, its
 * answer in the order of its coming, and that its sender is active. It writes no frames but those answers.
 */
@NullMarked
package dev.herald.socket.send;

import org.jspecify.annotations.NullMarked;
