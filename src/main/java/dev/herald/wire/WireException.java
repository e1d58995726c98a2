package dev.herald.wire;

/** Bytes that are no frames, in words for the close reason. */
public final class WireException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public WireException(String message) {
        super(message, null, false, false);
    }
}
