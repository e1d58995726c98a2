package dev.herald.socket;

import dev.herald.bus.message.PresenceMessage.EndReason;
import dev.herald.failure.Failure;
import org.jspecify.annotations.Nullable;

/**
 * Why the server closes a connection.
 *
 * @param code of the WebSocket close frame
 * @param text of the close frame
 * @param end what the registry is told of the session; null if it knows already
 */
record Closing(int code, String text, @Nullable EndReason end) {
    private static final int NORMAL = 1000;
    private static final int SERVICE_RESTART = 1012;

    static Closing garbage(String text) {
        return new Closing(Failure.INVALID.closeCode(), text, EndReason.CLOSE);
    }

    static Closing broken() {
        return new Closing(Failure.INTERNAL.closeCode(), "internal error", EndReason.CLOSE);
    }

    static Closing refused(Refusal refusal) {
        return new Closing(refusal.failure().closeCode(), refusal.text(), EndReason.CLOSE);
    }

    static Closing slowReader() {
        return new Closing(Failure.OVERLOADED.closeCode(), "slow reader", EndReason.CLOSE);
    }

    static Closing flooded() {
        return new Closing(
                Failure.OVERLOADED.closeCode(), "the server has too much to read, come again", EndReason.CLOSE);
    }

    static Closing timeout(String text) {
        return new Closing(Failure.TIMEOUT.closeCode(), text, EndReason.TIMEOUT);
    }

    static Closing byRegistry(boolean comesBack, String text) {
        return new Closing(comesBack ? SERVICE_RESTART : NORMAL, text, null);
    }

    static Closing fenced() {
        return new Closing(SERVICE_RESTART, "the server slept", EndReason.NODE_LOST);
    }

    static Closing drained() {
        return new Closing(SERVICE_RESTART, "the server restarts", EndReason.DRAINED);
    }
}
