package dev.herald.wire.binary;

import dev.herald.wire.Utf8;
import dev.herald.wire.WireException;
import java.nio.ByteBuffer;

/** Reads one frame's body field by field (wukong-interfaces section 1.3); a failure names the frame and the field. */
final class FieldReader {
    private final String frame;
    private final ByteBuffer body;

    FieldReader(String frame, ByteBuffer body) {
        this.frame = frame;
        this.body = body;
    }

    int u8(String field) {
        require(field, Byte.BYTES);
        return Byte.toUnsignedInt(body.get());
    }

    long u32(String field) {
        require(field, Integer.BYTES);
        return Integer.toUnsignedLong(body.getInt());
    }

    long i64(String field) {
        require(field, Long.BYTES);
        return body.getLong();
    }

    String str(String field) {
        require(field, Short.BYTES);
        int length = body.getShort();
        if (length < 0) {
            throw new WireException(frame + ": the length of " + field + " is negative");
        }
        require(field, length);
        return Utf8.decode(frame + ": " + field, body, length);
    }

    /** All bytes that are left. */
    byte[] rest() {
        byte[] rest = new byte[body.remaining()];
        body.get(rest);
        return rest;
    }

    /** Checks that the frame ends here. */
    void end() {
        if (body.hasRemaining()) {
            throw new WireException(frame + ": " + body.remaining() + " bytes too many");
        }
    }

    private void require(String field, int length) {
        if (body.remaining() < length) {
            throw new WireException(frame + " is cut short at " + field);
        }
    }
}
