package dev.herald.socket;

import dev.herald.model.Delivery;
import dev.herald.model.Payload;

/** Tells a new device that it was given nothing of what was before it and must fetch everything (promise C5). */
final class Resync {
    private static final Payload NEW_DEVICE =
            Payload.of("{\"type\":99,\"cmd\":\"resync\",\"param\":{\"reason\":\"new_device\"}}");

    private Resync() {}

    static Delivery ofNewDevice() {
        return Unstored.command(NEW_DEVICE);
    }
}
