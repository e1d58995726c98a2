package dev.herald.socket.delivery;

import dev.herald.wire.Frame;

/** Whoever is brought something: the connection of a session. */
public interface Client {
    /** False while it is behind with what it was sent; when it is no more, whatever waits for room is told. */
    boolean hasRoom();

    /** The same for a message of so many bytes. */
    boolean hasRoom(int bytes);

    void write(Frame frame);
}
