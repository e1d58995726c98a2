package dev.herald.socket;

import dev.herald.model.ChannelKey;
import dev.herald.model.Delivery;
import dev.herald.model.Payload;
import dev.herald.model.Uid;
import java.time.Instant;
import java.util.UUID;

/** Commands that the sockets themselves give: not stored, so without an id and a place, and an acknowledgement means nothing. */
final class Unstored {
    /** The content type of every command (wukong-interfaces section 5.1). */
    static final int COMMAND = 99;

    /** WuKongIM's channel of commands that are not stored (section 5.2). */
    private static final ChannelKey ONLINE = new ChannelKey("systemcmdonline", 8);

    private static final Delivery.Header HEADER = new Delivery.Header(true, false, true);

    private Unstored() {}

    static Delivery command(Payload payload) {
        return new Delivery(
                0,
                0,
                Uid.SYSTEM,
                ONLINE,
                UUID.randomUUID().toString().replace("-", ""),
                HEADER,
                0,
                0,
                "",
                Instant.now().getEpochSecond(),
                payload);
    }
}
