package dev.herald.socket.delivery;

import dev.herald.model.ChannelKey;
import dev.herald.model.ClientMsgNo;
import dev.herald.model.Delivery;
import dev.herald.model.Uid;
import dev.herald.wire.Frame.Recv;
import dev.herald.wukong.CommandContent;
import io.vertx.core.json.JsonObject;
import java.time.Instant;

/** Commands that the sockets themselves give: not stored, so without an id of their own and a place. */
public final class Unstored {
    static final long ID = 0;

    private static final Delivery.Header HEADER = new Delivery.Header(true, false, true);

    private Unstored() {}

    /** Tells a new device that it was given nothing of what was before it and must fetch everything (promise C5). */
    static Recv resync() {
        return command("resync", JsonObject.of("reason", "new_device"));
    }

    /** The same for every receiver. */
    public static Recv command(String name, JsonObject param) {
        Delivery delivery = new Delivery(
                ID,
                0,
                Uid.SYSTEM,
                ChannelKey.UNSTORED_COMMANDS,
                ClientMsgNo.random(),
                HEADER,
                0,
                0,
                "",
                Instant.now().getEpochSecond(),
                CommandContent.of(name, param));
        return RecvForms.of(delivery, "", false);
    }
}
