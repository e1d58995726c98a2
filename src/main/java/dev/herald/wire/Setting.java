package dev.herald.wire;

/** Bits of a message's setting byte that have a meaning on the wire (wukong-interfaces section 1.5). */
final class Setting {
    static final int RECEIPT = 0x80;
    static final int SIGNAL = 0x20;
    static final int TOPIC = 0x08;
    static final int STREAM = 0x02;

    private Setting() {}
}
