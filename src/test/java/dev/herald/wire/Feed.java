package dev.herald.wire;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Reads pieces of a stream as a socket does: a CONNECT is accepted, and what was held is read after it. */
public final class Feed {
    public static final long NODE = 1001;
    public static final long NOW = 1_755_000_000_012L;

    private Feed() {}

    public static List<Frame> into(Protocol protocol, List<byte[]> pieces) {
        List<Frame> frames = new ArrayList<>();
        for (byte[] piece : pieces) {
            List<Frame> read = protocol.read(piece);
            frames.addAll(read);
            if (!read.isEmpty() && read.getLast() instanceof Frame.Connect connect) {
                protocol.accept(connect, NODE, NOW);
                frames.addAll(protocol.read(new byte[0]));
            }
        }
        return frames;
    }

    public static List<byte[]> singly(byte[] stream) {
        return IntStream.range(0, stream.length)
                .mapToObj(i -> new byte[] {stream[i]})
                .toList();
    }
}
