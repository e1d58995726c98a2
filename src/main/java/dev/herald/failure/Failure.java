package dev.herald.failure;

/**
 * What can go wrong, as the outside may know it: one row maps a cause to the bus, to HTTP and to a WebSocket close code.
 */
public enum Failure {
    INVALID(1, 400, 4400, false),
    UNAUTHENTICATED(2, 401, 4401, false),
    FORBIDDEN(3, 403, 4403, false),
    NOT_FOUND(4, 404, 4404, false),
    CONFLICT(5, 409, 4409, false),
    PRECONDITION(6, 412, 4412, false),
    TOO_LARGE(7, 413, 1009, false),
    OVERLOADED(8, 503, 1013, true),
    UNAVAILABLE(9, 503, 1013, true),
    TIMEOUT(10, 504, 1013, true),
    INTERNAL(11, 500, 1011, false);

    private final int busCode;
    private final int httpStatus;
    private final int closeCode;
    private final boolean retryable;

    Failure(int busCode, int httpStatus, int closeCode, boolean retryable) {
        this.busCode = busCode;
        this.httpStatus = httpStatus;
        this.closeCode = closeCode;
        this.retryable = retryable;
    }

    public int busCode() {
        return busCode;
    }

    public int httpStatus() {
        return httpStatus;
    }

    public int closeCode() {
        return closeCode;
    }

    /** True if the same request may succeed later without being changed. */
    public boolean retryable() {
        return retryable;
    }

    /** The row of a bus failure code; a code that no row has is {@link #INTERNAL}. */
    public static Failure ofBusCode(int code) {
        for (Failure failure : values()) {
            if (failure.busCode == code) {
                return failure;
            }
        }
        return INTERNAL;
    }
}
