package dev.herald.socket;

import dev.herald.model.ChannelKey;
import dev.herald.model.Delivery;
import dev.herald.model.Payload;
import dev.herald.model.Uid;
import java.time.Instant;
import java.util.UUID;

/** Tells a new device that it was given nothing of what was before it and must fetch everything (promise C5). */
final class Resync {
    /** WuKongIM's channel of commands that are not stored (wukong-interfaces section 5.2). */
    private static final ChannelKey ONLINE = new ChannelKey("systemcmdonline", 8);

    private static final Payload NEW_DEVICE =
            Payload.of("{\"type\":99,\"cmd\":\"resync\",\"param\":{\"reason\":\"new_device\"}}");

    private static final Delivery.Header UNSTORED = new Delivery.Header(true, false, true);

    private Resync() {}

    /** Not stored, so without an id and a place in the inbox; its acknowledgement means nothing. */
    static Delivery ofNewDevice() {
        return new Delivery(
                0,
                0,
                Uid.SYSTEM,
                ONLINE,
                UUID.randomUUID().toString().replace("-", ""),
                UNSTORED,
                0,
                0,
                "",
                Instant.now().getEpochSecond(),
                NEW_DEVICE);
    }
}
