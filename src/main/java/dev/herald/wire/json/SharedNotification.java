package dev.herald.wire.json;

import dev.herald.wire.Frame;
import org.jspecify.annotations.Nullable;

/** The RECV that was written last: of a message to many, each receiver is handed the same bytes. For one thread at a time. */
@SuppressWarnings("ReferenceEquality")
public final class SharedNotification {
    private Frame.@Nullable Recv last;
    private byte[] bytes = {};

    byte[] of(Frame.Recv recv) {
        if (recv != last) {
            bytes = JsonEncoder.recv(recv);
            last = recv;
        }
        return bytes;
    }
}
