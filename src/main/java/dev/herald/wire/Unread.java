package dev.herald.wire;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Received bytes that do not make a whole frame yet; between frames it holds no memory. */
public final class Unread {
    private static final byte[] NONE = {};

    private final int bound;
    private byte[] bytes = NONE;
    private int start;
    private int end;
    private boolean ours;

    /** @param bound bytes that may stay here from one piece to the next */
    public Unread(int bound) {
        this.bound = bound;
    }

    /** Adds a piece, and gives the frames that are whole with it: as many as there is a next one. */
    public List<Frame> read(byte[] piece, Supplier<Optional<Frame>> next) {
        add(piece);
        List<Frame> read = new ArrayList<>();
        for (Optional<Frame> frame = next.get(); frame.isPresent(); frame = next.get()) {
            read.add(frame.get());
        }
        settle();
        return read;
    }

    /** Until {@link #settle} the piece's array may be used as it is. */
    private void add(byte[] piece) {
        if (start == end) {
            hold(piece, piece.length, false);
            return;
        }
        int size = size();
        if (!ours || end + piece.length > bytes.length) {
            byte[] larger = new byte[Math.max(size + piece.length, 2 * size)];
            System.arraycopy(bytes, start, larger, 0, size);
            hold(larger, size, true);
        }
        System.arraycopy(piece, 0, bytes, end, piece.length);
        end += piece.length;
    }

    public int size() {
        return end - start;
    }

    /** @return 0 to 255 */
    public int at(int index) {
        return bytes[start + index] & 0xff;
    }

    public void skip(int count) {
        start += count;
    }

    /** The next bytes, to be read before more of them come. */
    public ByteBuffer take(int length) {
        ByteBuffer taken = ByteBuffer.wrap(bytes, start, length);
        skip(length);
        return taken;
    }

    /** Ends the reading of a piece: what is left is copied, so that the piece's array is free again. */
    private void settle() {
        if (size() > bound) {
            throw new WireException(size() + " bytes wait to be read, the limit is " + bound);
        }
        if (start == end) {
            hold(NONE, 0, false);
        } else if (!ours) {
            hold(Arrays.copyOfRange(bytes, start, end), size(), true);
        }
    }

    private void hold(byte[] array, int size, boolean copied) {
        bytes = array;
        start = 0;
        end = size;
        ours = copied;
    }
}
