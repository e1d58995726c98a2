package dev.herald.bus;

import dev.herald.bus.message.BusMessage;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.EventBus;
import io.vertx.core.eventbus.MessageCodec;

/** Hands messages over by reference: they are immutable, and all verticles of a node share one process. */
final class LocalCodec implements MessageCodec<BusMessage, BusMessage> {
    static final String NAME = "herald";

    static void register(EventBus eventBus) {
        eventBus.registerCodec(new LocalCodec());
    }

    @Override
    public BusMessage transform(BusMessage message) {
        return message;
    }

    @Override
    public void encodeToWire(Buffer buffer, BusMessage message) {
        throw new UnsupportedOperationException("this address is served inside the node only");
    }

    @Override
    public BusMessage decodeFromWire(int position, Buffer buffer) {
        throw new UnsupportedOperationException("this address is served inside the node only");
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public byte systemCodecID() {
        return -1;
    }
}
