package dev.herald.api.send;

import dev.herald.command.CommandNumber;
import dev.herald.model.ChannelKey;
import dev.herald.model.Sha256;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;

/** What names a list of users: also the technical channel of commands that are addressed to it. */
final class UserList {
    private UserList() {}

    /** @param uids sorted, so that the same users are the same channel and a repeat is known as one */
    static ChannelKey channel(List<String> uids) {
        return new ChannelKey(hash(uids), ChannelKey.TEMPORARY);
    }

    /** @param uids sorted; none has the control character that parts them here */
    static String hash(List<String> uids) {
        byte[] hash = Sha256.of(String.join("\n", uids).getBytes(StandardCharsets.UTF_8));
        return HexFormat.of().formatHex(hash, 0, CommandNumber.HASH_LENGTH / 2);
    }
}
