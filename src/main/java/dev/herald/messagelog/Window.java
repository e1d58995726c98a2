package dev.herald.messagelog;

/**
 * A stretch of a channel's sequence, both ends included.
 *
 * @param newest true for the newest of the stretch, false for its oldest
 * @param limit most messages; 0 gives none
 */
public record Window(long first, long last, boolean newest, int limit) {
    public static final Window NONE = new Window(1, 0, false, 0);

    /** The newest messages of a channel. */
    public static Window tail(int limit) {
        return new Window(1, Long.MAX_VALUE, true, limit);
    }
}
