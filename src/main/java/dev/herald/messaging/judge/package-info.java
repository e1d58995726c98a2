/**
 * Who may send what: a batch is judged by the channels as this node knows them, and whoever stores it has that confirmed. It
 * makes the channels that a message begins.
 */
@NullMarked
package dev.herald.messaging.judge;

import org.jspecify.annotations.NullMarked;
