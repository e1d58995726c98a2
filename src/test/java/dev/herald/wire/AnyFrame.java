package dev.herald.wire;

import dev.herald.model.ChannelKey;
import dev.herald.model.Delivery.Header;
import dev.herald.model.Payload;
import dev.herald.model.Setting;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/** Arbitrary frames, up to the bounds that both protocols can carry. */
public final class AnyFrame {
    private static final long MAX_U32 = 0xffff_ffffL;

    private AnyFrame() {}

    /** Without its version and key, which a client codec knows. */
    public static Arbitrary<Frame.Connect> connect() {
        return Combinators.combine(
                        u8(), text(), text(), text(), Arbitraries.longs().between(0, Long.MAX_VALUE))
                .as((flag, device, uid, token, now) -> new Frame.Connect(5, flag, device, uid, token, now, ""));
    }

    /** With a clientMsgNo, for JSON-RPC makes one up if there is none. */
    public static Arbitrary<Frame.Send> send() {
        Arbitrary<String> clientMsgNo = text().map(text -> "c" + text);
        return Combinators.combine(header(), setting(), u32(), clientMsgNo, channel(), u32(), text(), payload())
                .as((header, setting, seq, no, channel, expire, topic, payload) ->
                        new Frame.Send(header, withTopic(setting, topic), seq, no, channel, expire, topic, payload));
    }

    public static Arbitrary<Frame> recvAck() {
        return Combinators.combine(header(), Arbitraries.longs(), u32()).as(Frame.RecvAck::new);
    }

    public static Arbitrary<Frame> fromClient() {
        return Arbitraries.oneOf(send(), recvAck(), Arbitraries.of(new Frame.Ping()));
    }

    public static Arbitrary<Frame> sendAck() {
        return Combinators.combine(header(), Arbitraries.longs(), u32(), u32(), u8())
                .as(Frame.SendAck::new);
    }

    public static Arbitrary<Frame.Recv> recv() {
        return Combinators.combine(header(), setting(), text(), channel(), u32(), text(), Arbitraries.longs(), text())
                .flatAs((header, setting, from, channel, expire, no, id, topic) -> Combinators.combine(
                                u32(), u32(), payload(), Arbitraries.of(true, false))
                        .as((seq, timestamp, payload, dup) -> new Frame.Recv(
                                header,
                                dup,
                                withTopic(setting, topic),
                                from,
                                channel,
                                expire,
                                no,
                                id,
                                seq,
                                timestamp,
                                topic,
                                payload)));
    }

    public static Arbitrary<Frame> disconnect() {
        return Combinators.combine(u8(), text()).as(Frame.Disconnect::new);
    }

    public static Arbitrary<Frame> event() {
        return Combinators.combine(text(), text(), Arbitraries.longs(), text())
                .as((id, type, at, data) -> new Frame.Event(id, type, at, Payload.of(data)));
    }

    public static Arbitrary<Header> header() {
        Arbitrary<Boolean> flag = Arbitraries.of(true, false);
        return Combinators.combine(flag, flag, flag).as(Header::new);
    }

    private static Arbitrary<Integer> setting() {
        return Arbitraries.of(0, Setting.RECEIPT, Setting.SIGNAL, Setting.STREAM, Setting.STREAM | Setting.RECEIPT);
    }

    private static int withTopic(int setting, String topic) {
        return topic.isEmpty() ? setting : setting | Setting.TOPIC;
    }

    private static Arbitrary<ChannelKey> channel() {
        return Combinators.combine(text(), u8()).as(ChannelKey::new);
    }

    private static Arbitrary<Payload> payload() {
        return Arbitraries.bytes().array(byte[].class).ofMaxSize(200).map(Payload::of);
    }

    private static Arbitrary<String> text() {
        return Arbitraries.of("a", "Z", "0", "\"", "\\", "\n", "é", "汉", "\uFFFD", "😀", "\u0000")
                .list()
                .ofMaxSize(20)
                .map(parts -> String.join("", parts));
    }

    private static Arbitrary<Integer> u8() {
        return Arbitraries.integers().between(0, 255);
    }

    private static Arbitrary<Long> u32() {
        return Arbitraries.longs().between(0, MAX_U32);
    }
}
