package dev.herald.socket;

import dev.herald.socket.transport.Transport;
import dev.herald.wire.Frame;
import dev.herald.wire.Protocol;
import dev.herald.wire.WireException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * What comes from one client: its bytes are one stream, however it cuts them into messages, frames and reads, and the
 * frames in it wait here until there is room for what they ask.
 */
final class Inflow {
    private final Transport transport;
    private final Protocols protocols;
    private final Intake intake;
    private final Deque<Frame> frames = new ArrayDeque<>();
    private @Nullable Protocol protocol;
    private int payloads;
    private boolean paused;

    Inflow(Transport transport, Protocols protocols, Intake intake) {
        this.transport = transport;
        this.protocols = protocols;
        this.intake = intake;
    }

    /** Null until it is known, and when nothing may come any more. */
    @Nullable
    Protocol protocol() {
        return protocol;
    }

    /** @throws WireException if the bytes are no frames */
    void add(byte[] bytes) {
        if (protocol == null && bytes.length > 0) {
            protocol = protocols.detect(bytes).orElse(null);
        }
        if (protocol != null) {
            for (Frame frame : protocol.read(bytes)) {
                frames.add(frame);
                payloads += payload(frame);
            }
        }
    }

    boolean isEmpty() {
        return frames.isEmpty();
    }

    Frame next() {
        Frame next = frames.remove();
        payloads -= payload(next);
        return next;
    }

    /**
     * Counts what the client has sent that is not done with.
     *
     * @param sending bytes of the SENDs that are under way
     * @param greeting true if nothing but a CONNECT may come
     * @return false if it is too much
     */
    boolean isBearable(int sending, boolean greeting) {
        int unread = protocol == null ? 0 : protocol.unread();
        return intake.holds(transport.gathered() + unread + payloads + sending, greeting);
    }

    boolean isMuch() {
        return intake.isMuch();
    }

    void pause(boolean wanted) {
        if (wanted != paused) {
            paused = wanted;
            if (wanted) {
                transport.pause();
            } else {
                transport.resume();
            }
        }
    }

    /** Nothing of it is handled any more. */
    void end() {
        frames.clear();
        protocol = null;
        intake.release();
    }

    private static int payload(Frame frame) {
        return frame instanceof Frame.Send send ? send.payload().size() : 0;
    }
}
