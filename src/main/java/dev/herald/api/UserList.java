package dev.herald.api;

import dev.herald.model.ChannelKey;
import dev.herald.model.Sha256;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;

/** The technical channel of commands that are addressed to a list of users. */
final class UserList {
    private static final int HASH_BYTES = 16;

    private UserList() {}

    /** @param uids sorted, so that the same users are the same channel and a repeat is known as one */
    static ChannelKey channel(List<String> uids) {
        byte[] hash = Sha256.of(String.join(",", uids).getBytes(StandardCharsets.UTF_8));
        return new ChannelKey(HexFormat.of().formatHex(hash, 0, HASH_BYTES), ChannelKey.COMMANDS);
    }
}
