package dev.herald.bus;

import dev.herald.bus.message.BusMessage;
import java.time.Duration;

/**
 * Where a message goes; the type says what may be sent there and what comes back.
 *
 * @param deadline how long a request waits for its answer
 */
public record Address<Q extends BusMessage, R extends BusMessage>(String value, Scope scope, Duration deadline) {}
