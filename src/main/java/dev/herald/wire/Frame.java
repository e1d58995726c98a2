package dev.herald.wire;

import dev.herald.model.ChannelKey;
import dev.herald.model.Delivery.Header;
import dev.herald.model.Payload;
import dev.herald.model.Reason;
import java.util.Optional;
import java.util.Set;

/**
 * The frames of the client protocols (wukong-interfaces section 1.5), the same for the binary protocol and JSON-RPC.
 * Payloads are plain here: a protocol encrypts and signs where its wire form wants it.
 */
public sealed interface Frame {
    /** Longest text in a frame, in UTF-8 bytes: the binary protocol writes a text's length as a signed short. */
    int MAX_TEXT_BYTES = Short.MAX_VALUE;

    /** The newest version that the server speaks. */
    int NEWEST_VERSION = 5;

    /** @param version the highest that the client speaks */
    record Connect(
            int version,
            int deviceFlag,
            String deviceId,
            String uid,
            String token,
            long clientTimestampMillis,
            String clientKey)
            implements Frame {

        /** The newest version that both sides speak. */
        public int agreed() {
            return Math.min(version, NEWEST_VERSION);
        }

        /** What a client is told of {@link #agreed}: up to version 3 nothing, which is 0. */
        public int serverVersion() {
            return agreed() > 3 ? agreed() : 0;
        }
    }

    /**
     * The answer to CONNECT.
     *
     * @param serverVersion as {@link Connect#serverVersion} says
     * @param serverKey base64 of the server's X25519 public key; empty without encryption
     * @param salt 16 characters: the AES initialisation vector
     * @param nodeId 0 if the layout has none
     */
    record ConnAck(int serverVersion, long timeDiffMillis, int reasonCode, String serverKey, String salt, long nodeId)
            implements Frame {}

    /** @param clientSeq unsigned 32 bits; over JSON-RPC it stands for the request's id */
    record Send(
            Header header,
            int setting,
            long clientSeq,
            String clientMsgNo,
            ChannelKey channel,
            long expireSeconds,
            String topic,
            Payload payload)
            implements Frame {}

    /** A SEND whose signature or encryption is wrong: it is answered, and the connection goes on. */
    record UnreadableSend(Header header, long clientSeq) implements Frame {}

    /** @param messageSeq 0 unless stored */
    record SendAck(Header header, long messageId, long clientSeq, long messageSeq, int reasonCode) implements Frame {
        public static SendAck refused(Header header, long clientSeq, Reason reason) {
            return new SendAck(header, 0, clientSeq, 0, reason.code());
        }
    }

    /**
     * @param dup true if it was sent on this connection before
     * @param channel as this receiver sees it: for a person message the peer
     */
    record Recv(
            Header header,
            boolean dup,
            int setting,
            String fromUid,
            ChannelKey channel,
            long expireSeconds,
            String clientMsgNo,
            long messageId,
            long messageSeq,
            long timestampSeconds,
            String topic,
            Payload payload)
            implements Frame {

        /** The same, as it is sent again on its connection. */
        public Recv repeated() {
            return new Recv(
                    header,
                    true,
                    setting,
                    fromUid,
                    channel,
                    expireSeconds,
                    clientMsgNo,
                    messageId,
                    messageSeq,
                    timestampSeconds,
                    topic,
                    payload);
        }
    }

    record RecvAck(Header header, long messageId, long messageSeq) implements Frame {}

    record Ping() implements Frame {}

    record Pong() implements Frame {}

    record Disconnect(int reasonCode, String reason) implements Frame {}

    /**
     * What happened to a message; for clients that know it, see {@link Protocol#takesEvents}.
     *
     * @param data UTF-8
     */
    record Event(String id, String type, long timestampMillis, Payload data) implements Frame {}

    /** A frame that clients may send and that asks for nothing here (SUB, and what clients answer with). */
    record Ignored() implements Frame {}

    /**
     * A request of JSON-RPC that cannot be read or served: written back it is an {@code error}, and the connection goes
     * on.
     *
     * @param requestId empty if the request has no usable id
     */
    record BadRequest(String requestId, String text) implements Frame {}

    /**
     * A request of JSON-RPC about the presence of users, beyond WuKongIM; answered with {@link Result} or
     * {@link BadRequest}.
     *
     * @param users each once; empty for all whom the client may watch
     */
    record Watch(String requestId, Question question, Optional<Set<String>> users) implements Frame {
        /** Most users in one request. */
        public static final int MAX_USERS = 1_000;

        public enum Question {
            SUBSCRIBE,
            UNSUBSCRIBE,
            PRESENCE
        }
    }

    /** @param json the object that answers the request */
    record Result(String requestId, String json) implements Frame {}
}
