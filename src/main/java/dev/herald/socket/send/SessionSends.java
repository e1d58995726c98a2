package dev.herald.socket.send;

import dev.herald.bus.message.MessagingMessage.MessageSent;
import dev.herald.bus.message.MessagingMessage.SendMessage;
import dev.herald.bus.message.PresenceMessage.SessionInfo;
import dev.herald.lifecycle.SteadyClock;
import dev.herald.lifecycle.TokenBucket;
import dev.herald.model.ClientMsgNo;
import dev.herald.model.Reason;
import dev.herald.wire.Frame.Send;
import dev.herald.wire.Frame.SendAck;
import dev.herald.wire.Frame.UnreadableSend;
import io.vertx.core.Future;
import java.util.Optional;
import java.util.function.Consumer;

/** The SENDs of one session: what breaks the rules or comes too fast is refused, all else is handed on. */
public final class SessionSends {
    /** SENDs under way before the client is not read from; JSON-RPC refuses further requests at twice as many. */
    public static final int MAX = 512;

    private final Sends shared;
    private final SessionInfo session;
    private final SendLane lane;
    private final TokenBucket rate;

    SessionSends(Sends shared, SessionInfo session, int connectionRate, Consumer<SendAck> out, Runnable onRoom) {
        this.shared = shared;
        this.session = session;
        this.lane = new SendLane(MAX, out, onRoom);
        this.rate = new TokenBucket(connectionRate, SteadyClock.millis());
    }

    /** True while so many are under way that no further frame is handled. */
    public boolean isFull() {
        return lane.isFull();
    }

    /** Bytes of the payloads that are not answered. */
    public int bytes() {
        return lane.bytes();
    }

    public void take(Send send) {
        noteActivity();
        lane.add(send.payload().size(), answer(send));
    }

    public void take(UnreadableSend bad) {
        noteActivity();
        lane.add(
                0, Future.succeededFuture(SendAck.refused(bad.header(), bad.clientSeq(), Reason.PAYLOAD_DECODE_ERROR)));
    }

    private void noteActivity() {
        shared.activities.note(session.uid(), System.currentTimeMillis());
    }

    private Future<SendAck> answer(Send send) {
        long at = System.currentTimeMillis();
        return refusal(send)
                .map(reason -> Future.succeededFuture(MessageSent.refused(reason)))
                .orElseGet(() -> shared.batches.send(message(send)))
                .onSuccess(sent -> shared.trail.received(at, sent.messageId(), session.uid(), session.deviceFlag()))
                .map(sent -> new SendAck(
                        send.header(),
                        sent.messageId(),
                        send.clientSeq(),
                        sent.messageSeq(),
                        sent.reason().code()));
    }

    /** A SEND that is refused counts, too: it is answered all the same. */
    private Optional<Reason> refusal(Send send) {
        if (!rate.take(SteadyClock.millis())) {
            shared.limited.increment();
            return Optional.of(Reason.RATE_LIMIT);
        }
        return SendRules.refusal(send);
    }

    private SendMessage message(Send send) {
        return new SendMessage(
                session.uid(),
                session.id(),
                false,
                send.channel(),
                send.clientMsgNo().isEmpty() ? ClientMsgNo.random() : send.clientMsgNo(),
                send.header(),
                send.setting(),
                send.expireSeconds(),
                send.topic(),
                send.payload());
    }
}
