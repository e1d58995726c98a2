package dev.herald.bus.message;

/** The answer that says no more than that it was done; also the empty nudge to a reader of a log. */
public record Done() implements BusMessage {
    public static final Done DONE = new Done();
}
