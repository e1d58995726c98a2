package dev.herald.model;

/** Bits of a message's setting byte that have a meaning (wukong-interfaces section 1.5). */
public final class Setting {
    public static final int RECEIPT = 0x80;
    public static final int SIGNAL = 0x20;

    /** It has a topic, which stands in the frame. */
    public static final int TOPIC = 0x08;

    /** It comes in parts. */
    public static final int STREAM = 0x02;

    private Setting() {}
}
