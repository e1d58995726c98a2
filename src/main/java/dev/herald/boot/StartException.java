package dev.herald.boot;

/** A start that failed, in words for the operator: which step, and why. */
public final class StartException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    StartException(String message) {
        super(message, null, false, false);
    }

    StartException(String message, Throwable cause) {
        super(message, cause);
    }
}
