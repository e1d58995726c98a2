package dev.herald.wire;

import java.util.List;

/** One connection's protocol: it holds what is not yet a whole frame, and after CONNECT the keys of the connection. */
public interface Protocol {

    /**
     * Takes what was received and gives the frames that are complete now. After a {@link Frame.Connect} it gives
     * nothing more until {@link #accept} was called, since what follows is read with what was agreed there; a call with
     * no bytes then gives what was held.
     *
     * @param bytes given away: they are changed no more
     * @throws WireException if the bytes are no frames of this protocol: the connection cannot go on
     */
    List<Frame> read(byte[] bytes);

    /** Bytes that were read and are no whole frame yet. */
    int unread();

    /**
     * Agrees on version and keys.
     *
     * @throws WireException if the client's key is unusable
     */
    Frame.ConnAck accept(Frame.Connect connect, long nodeId, long nowMillis);

    /** The answer to a CONNECT that is refused; it may also be asked for after a {@link WireException}. */
    byte[] refuse(int reasonCode, String text);

    /**
     * The bytes of one WebSocket message: exactly one frame.
     *
     * @throws IllegalArgumentException if a field does not fit its place on the wire, or clients are never sent this frame
     */
    byte[] write(Frame frame);

    /** True if the client knows {@link Frame.Event}: older ones take it for garbage, and start anew. */
    boolean takesEvents();

    /** True if its messages are WebSocket text. */
    boolean isText();
}
