package dev.herald.wire;

/** The ranges of the numbers on the wire. */
public final class Unsigned {
    public static final int MAX_8 = 0xff;
    public static final long MAX_32 = 0xffff_ffffL;

    private Unsigned() {}

    /** The value, if it has a place there. */
    public static long check(String field, long value, long max) {
        if (value < 0 || value > max) {
            throw new IllegalArgumentException(field + " is " + value + ", it must be from 0 to " + max);
        }
        return value;
    }
}
