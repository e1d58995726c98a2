package dev.herald.boot;

import org.jspecify.annotations.Nullable;

/** A start that failed, in words for the operator: which step, and why. */
public final class StartException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final boolean mayPass;

    StartException(String message) {
        this(message, null, false);
    }

    StartException(String message, Throwable cause) {
        this(message, cause, false);
    }

    /** @param mayPass true if the same may succeed later without anybody's doing */
    StartException(String message, @Nullable Throwable cause, boolean mayPass) {
        super(message, cause, cause != null, cause != null);
        this.mayPass = mayPass;
    }

    boolean mayPass() {
        return mayPass;
    }
}
