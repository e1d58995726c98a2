package dev.herald.model;

import java.util.UUID;

/** What its sender knows a message or command by, as client_msg_no: a repeat has the same one. */
public final class ClientMsgNo {
    /** Of its UTF-8: it becomes part of index keys. */
    public static final int MAX_BYTES = 255;

    private ClientMsgNo() {}

    /** For what its sender gave none: without one of its own every message would be a repeat of the first. */
    public static String random() {
        return UUID.randomUUID().toString().replace("-", "");
    }
}
