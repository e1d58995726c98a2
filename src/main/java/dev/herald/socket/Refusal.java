package dev.herald.socket;

import dev.herald.failure.Failure;
import dev.herald.model.Reason;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A CONNECT that is answered with a reason, after which the socket is closed. */
final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private static final Logger log = LoggerFactory.getLogger(Refusal.class);

    private final Reason reason;
    private final Failure failure;

    private Refusal(Reason reason, Failure failure, String text) {
        super(text, null, false, false);
        this.reason = reason;
        this.failure = failure;
    }

    static Refusal unproven(String text) {
        return new Refusal(Reason.AUTH_FAIL, Failure.UNAUTHENTICATED, text);
    }

    static Refusal banned() {
        return new Refusal(Reason.BAN, Failure.FORBIDDEN, "uid: is banned");
    }

    static Refusal unusableKey(String text) {
        return new Refusal(Reason.CLIENT_KEY_EMPTY, Failure.INVALID, text);
    }

    /** Nothing is wrong with the client: it may try again later. */
    static Refusal unavailable() {
        return new Refusal(
                Reason.SYSTEM_ERROR, Failure.UNAVAILABLE, "the server cannot check this now, try again later");
    }

    /** Whatever failed on the way to an open session. */
    static Refusal of(Throwable cause) {
        if (cause instanceof Refusal refusal) {
            return refusal;
        }
        log.warn("a login failed: {}", cause.getMessage());
        return unavailable();
    }

    Reason reason() {
        return reason;
    }

    String text() {
        return String.valueOf(getMessage());
    }

    int closeCode() {
        return failure.closeCode();
    }
}
