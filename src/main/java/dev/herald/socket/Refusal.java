package dev.herald.socket;

import dev.herald.failure.Failure;
import dev.herald.model.Reason;
import dev.herald.socket.transport.Entrance.Later;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A CONNECT that opens no session: the client's own fault is answered with a reason, and the socket is closed. */
final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private static final Logger log = LoggerFactory.getLogger(Refusal.class);

    private final @Nullable Reason reason;
    private final Failure failure;
    private final String counted;

    private Refusal(@Nullable Reason reason, Failure failure, String text) {
        this(reason, failure, text, failure.name().toLowerCase(Locale.ROOT));
    }

    private Refusal(@Nullable Reason reason, Failure failure, String text, String counted) {
        super(text, null, false, false);
        this.reason = reason;
        this.failure = failure;
        this.counted = counted;
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

    /** Nothing is wrong with the client: it is closed without an answer, which it would take for final. */
    static Refusal unavailable() {
        return new Refusal(null, Failure.UNAVAILABLE, "the server cannot check this now, try again later");
    }

    /** The same, since others are before it. */
    static Refusal later(Later later) {
        return new Refusal(null, Failure.OVERLOADED, later.text(), later.reason());
    }

    /** Whatever failed on the way to an open session. */
    static Refusal of(Throwable cause) {
        if (cause instanceof Refusal refusal) {
            return refusal;
        }
        log.warn("a login failed: {}", cause.getMessage());
        return unavailable();
    }

    /** What the CONNECT is answered with, if it is answered. */
    Optional<Reason> answer() {
        return Optional.ofNullable(reason);
    }

    String text() {
        return String.valueOf(getMessage());
    }

    /** What it is counted as. */
    String counted() {
        return counted;
    }

    Failure failure() {
        return failure;
    }
}
