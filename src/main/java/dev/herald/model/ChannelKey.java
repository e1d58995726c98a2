package dev.herald.model;

import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;

/**
 * A channel's id and type. Person channels are stored under one id for both sides (wukong-interfaces section 4.2).
 */
public record ChannelKey(String id, int type) {
    public static final int PERSON = 1;
    public static final int GROUP = 2;

    public static ChannelKey group(String id) {
        return new ChannelKey(id, GROUP);
    }

    /** The stored key of the conversation between two users: the uid with the larger CRC-32 comes first. */
    public static ChannelKey conversation(String one, String other) {
        long first = crc32(one);
        long second = crc32(other);
        boolean keep = first > second || (first == second && one.compareTo(other) >= 0);
        return new ChannelKey(keep ? one + "@" + other : other + "@" + one, PERSON);
    }

    public boolean isPerson() {
        return type == PERSON;
    }

    private static long crc32(String text) {
        CRC32 crc = new CRC32();
        crc.update(text.getBytes(StandardCharsets.UTF_8));
        return crc.getValue();
    }
}
