package dev.herald.model;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The opaque bytes of a message, compared by value; whoever makes one gives the array away and changes it no more. */
public final class Payload {
    public static final Payload EMPTY = new Payload(new byte[0]);

    /** Longest payload: encrypted, and as base64, it still fits a frame of 1 MiB (wukong-interfaces section 1.2). */
    public static final int MAX_BYTES = 716_800;

    private final byte[] bytes;

    private Payload(byte[] bytes) {
        this.bytes = bytes;
    }

    public static Payload of(byte[] bytes) {
        return new Payload(bytes);
    }

    public static Payload of(String text) {
        return new Payload(text.getBytes(StandardCharsets.UTF_8));
    }

    /** The array itself, not a copy: read it only. */
    public byte[] bytes() {
        return bytes;
    }

    public int size() {
        return bytes.length;
    }

    public String text() {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Payload that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return "Payload[" + bytes.length + " bytes]";
    }
}
