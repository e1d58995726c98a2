package dev.herald.wire.json;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.wire.AnyFrame;
import dev.herald.wire.Feed;
import dev.herald.wire.Frame;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class JsonRpcProtocolProperties {
    private JsonRpcProtocol server = fresh();
    private final JsonClientCodec client = new JsonClientCodec();

    @Property(tries = 200, edgeCases = EdgeCasesMode.NONE)
    void connect_and_its_result_are_read_as_written(@ForAll("connects") Frame.Connect connect) {
        server = fresh();
        assertThat(server.read(client.encode(connect))).containsExactly(connect);
        Frame.ConnAck ack = server.accept(connect, Feed.NODE, Feed.NOW);
        assertThat(client.decode(server.write(ack))).isEqualTo(ack);
    }

    @Property(tries = 300, edgeCases = EdgeCasesMode.NONE)
    void client_frames_are_read_as_written(@ForAll("fromClient") Frame frame) {
        connect();

        assertThat(server.read(client.encode(frame)))
                .usingRecursiveFieldByFieldElementComparatorIgnoringFields("clientSeq")
                .containsExactly(frame);
    }

    @Property(tries = 300, edgeCases = EdgeCasesMode.NONE)
    void a_send_is_answered_under_its_own_id(@ForAll("sends") Frame.Send send, @ForAll("sendAcks") Frame.SendAck any) {
        connect();
        Frame.Send read = (Frame.Send) server.read(client.encode(send)).getFirst();

        byte[] written = server.write(
                new Frame.SendAck(any.header(), any.messageId(), read.clientSeq(), any.messageSeq(), any.reasonCode()));
        assertThat(client.decode(written))
                .isEqualTo(new Frame.SendAck(
                        any.header(), any.messageId(), send.clientSeq(), any.messageSeq(), any.reasonCode()));
    }

    @Property(tries = 300, edgeCases = EdgeCasesMode.NONE)
    void server_frames_are_read_as_written(@ForAll("fromServer") Frame frame) {
        connect();

        assertThat(client.decode(server.write(frame))).isEqualTo(frame);
    }

    @Provide
    Arbitrary<Frame.Connect> connects() {
        return AnyFrame.connect();
    }

    @Provide
    Arbitrary<Frame.Send> sends() {
        return AnyFrame.send();
    }

    @Provide
    Arbitrary<Frame> sendAcks() {
        return AnyFrame.sendAck();
    }

    @Provide
    Arbitrary<Frame> fromClient() {
        return AnyFrame.fromClient();
    }

    @Provide
    Arbitrary<Frame> fromServer() {
        return Arbitraries.oneOf(AnyFrame.recv(), AnyFrame.disconnect(), AnyFrame.event());
    }

    private static JsonRpcProtocol fresh() {
        return new JsonRpcProtocol(1 << 20, new SharedNotification());
    }

    private void connect() {
        server = fresh();
        Frame.Connect connect = new Frame.Connect(5, 1, "d", "u1", "", Feed.NOW, "");
        server.read(client.encode(connect));
        server.accept(connect, Feed.NODE, Feed.NOW);
    }
}
