package dev.herald.wire;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** Strict UTF-8: what it reads can be written again byte for byte. */
public final class Utf8 {
    private static final char REPLACEMENT = '\uFFFD';

    private Utf8() {}

    /**
     * @param name of what is read, for the text of the exception
     * @param bytes of an array, which are read
     */
    public static String decode(String name, ByteBuffer bytes, int length) {
        int from = bytes.arrayOffset() + bytes.position();
        String text = new String(bytes.array(), from, length, UTF_8);
        if (text.indexOf(REPLACEMENT) >= 0
                && !Arrays.equals(text.getBytes(UTF_8), 0, length, bytes.array(), from, from + length)) {
            throw new WireException(name + " is not UTF-8");
        }
        bytes.position(bytes.position() + length);
        return text;
    }
}
