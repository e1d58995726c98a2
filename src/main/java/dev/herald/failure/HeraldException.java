package dev.herald.failure;

import org.jspecify.annotations.Nullable;

/** A failure with the words a caller may see; it carries a stack trace only where it has a cause. */
public final class HeraldException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Failure failure;

    public HeraldException(Failure failure, String detail) {
        this(failure, detail, null);
    }

    public HeraldException(Failure failure, String detail, @Nullable Throwable cause) {
        super(detail, cause, false, cause != null);
        this.failure = failure;
    }

    public Failure failure() {
        return failure;
    }

    /** What the outside may know of any throwable: its own row, or {@link Failure#INTERNAL}. */
    public static Failure failureOf(Throwable cause) {
        return cause instanceof HeraldException known ? known.failure() : Failure.INTERNAL;
    }

    public static HeraldException invalid(String field, String limit) {
        return new HeraldException(Failure.INVALID, field + ": " + limit);
    }
}
