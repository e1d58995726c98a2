package dev.herald.socket;

import dev.herald.model.Delivery;
import dev.herald.wire.Frame.Recv;
import org.jspecify.annotations.Nullable;

/** The forms of one delivery; all but its sender and the person it is addressed to see the same one. */
final class RecvForms {
    private final Delivery delivery;
    private @Nullable Recv common;

    RecvForms(Delivery delivery) {
        this.delivery = delivery;
    }

    Recv of(String receiver) {
        if (receiver.equals(delivery.fromUid()) || delivery.channel().isPerson()) {
            return RecvForm.of(delivery, receiver, false);
        }
        if (common == null) {
            common = RecvForm.of(delivery, receiver, false);
        }
        return common;
    }
}
