package dev.herald.wire;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;

/** Strict UTF-8: what it reads can be written again byte for byte. */
final class Utf8 {
    private static final char REPLACEMENT = '\uFFFD';

    private Utf8() {}

    /** @param name of what is read, for the text of the exception */
    static String decode(String name, byte[] bytes, int from, int length) {
        String text = new String(bytes, from, length, UTF_8);
        if (text.indexOf(REPLACEMENT) >= 0
                && !Arrays.equals(text.getBytes(UTF_8), 0, length, bytes, from, from + length)) {
            throw new WireException(name + " is not UTF-8");
        }
        return text;
    }
}
