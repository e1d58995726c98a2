package dev.herald.wire.binary;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.herald.wire.Frame;
import dev.herald.wire.Unsigned;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** Writes one frame (wukong-interfaces sections 1.2 and 1.3): its fields in order, at last its header before them. */
final class FieldWriter {
    private static final int MAX_HEADER_BYTES = 5;

    private ByteBuffer buffer;

    /** @param sizeHint of the body, in bytes */
    FieldWriter(int sizeHint) {
        buffer = ByteBuffer.allocate(MAX_HEADER_BYTES + sizeHint).position(MAX_HEADER_BYTES);
    }

    FieldWriter u8(String field, int value) {
        Unsigned.check(field, value, Unsigned.MAX_8);
        room(Byte.BYTES).put((byte) value);
        return this;
    }

    FieldWriter u32(String field, long value) {
        Unsigned.check(field, value, Unsigned.MAX_32);
        room(Integer.BYTES).putInt((int) value);
        return this;
    }

    FieldWriter i64(long value) {
        room(Long.BYTES).putLong(value);
        return this;
    }

    FieldWriter str(String field, String text) {
        return str(field, text.getBytes(UTF_8));
    }

    FieldWriter str(String field, byte[] utf8) {
        Unsigned.check(field + "'s length", utf8.length, Frame.MAX_TEXT_BYTES);
        room(Short.BYTES + utf8.length).putShort((short) utf8.length).put(utf8);
        return this;
    }

    FieldWriter raw(byte[] bytes) {
        room(bytes.length).put(bytes);
        return this;
    }

    /** The fields so far, without a header. */
    byte[] fields() {
        return Arrays.copyOfRange(buffer.array(), MAX_HEADER_BYTES, buffer.position());
    }

    /** The whole frame. */
    byte[] frame(int type, int flags) {
        int end = buffer.position();
        int length = end - MAX_HEADER_BYTES;
        int start = MAX_HEADER_BYTES - 1 - lengthBytes(length);
        buffer.put(start, (byte) ((type << 4) | flags));
        for (int at = start + 1; at < MAX_HEADER_BYTES; at++) {
            int more = at < MAX_HEADER_BYTES - 1 ? 0x80 : 0;
            buffer.put(at, (byte) ((length & 0x7f) | more));
            length >>>= 7;
        }
        return Arrays.copyOfRange(buffer.array(), start, end);
    }

    private static int lengthBytes(int length) {
        Unsigned.check("the frame's length", length, (1 << 28) - 1);
        return length < 1 << 7 ? 1 : length < 1 << 14 ? 2 : length < 1 << 21 ? 3 : 4;
    }

    private ByteBuffer room(int count) {
        if (buffer.remaining() < count) {
            int size = Math.max(buffer.position() + count, 2 * buffer.capacity());
            buffer = ByteBuffer.allocate(size).put(buffer.flip());
        }
        return buffer;
    }
}
