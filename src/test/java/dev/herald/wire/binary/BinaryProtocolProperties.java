package dev.herald.wire.binary;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.model.Reason;
import dev.herald.wire.AnyFrame;
import dev.herald.wire.Feed;
import dev.herald.wire.Frame;
import java.security.SecureRandom;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

class BinaryProtocolProperties {
    private BinaryProtocol server = fresh();

    @Property(tries = 200)
    void connect_and_connack_are_read_as_written(
            @ForAll @IntRange(min = 2, max = 5) int version, @ForAll("connects") Frame.Connect any) {
        ClientCodec client = new ClientCodec(version);
        server = fresh();
        Frame.Connect connect =
                client.connect(any.deviceFlag(), any.deviceId(), any.uid(), any.token(), any.clientTimestampMillis());

        assertThat(server.read(client.encode(connect))).containsExactly(connect);
        Frame.ConnAck ack = server.accept(connect, Feed.NODE, Feed.NOW);
        assertThat(client.decode(server.write(ack))).isEqualTo(ack);
        assertThat(ack.serverVersion()).isEqualTo(version > 3 ? version : 0);
        assertThat(ack.reasonCode()).isEqualTo(Reason.SUCCESS.code());
    }

    @Property(tries = 300)
    void client_frames_are_read_as_written(
            @ForAll @IntRange(min = 2, max = 5) int version, @ForAll("fromClient") List<Frame> frames) {
        ClientCodec client = connected(version);

        for (Frame frame : frames) {
            assertThat(server.read(client.encode(frame))).containsExactly(inVersion(version, frame));
        }
    }

    @Property(tries = 300)
    void server_frames_are_read_as_written(
            @ForAll @IntRange(min = 2, max = 5) int version, @ForAll("fromServer") List<Frame> frames) {
        ClientCodec client = connected(version);

        for (Frame frame : frames) {
            assertThat(client.decode(server.write(frame))).isEqualTo(inVersion(version, frame));
        }
    }

    @Provide
    Arbitrary<Frame.Connect> connects() {
        return AnyFrame.connect();
    }

    @Provide
    Arbitrary<List<Frame>> fromClient() {
        return AnyFrame.fromClient().list().ofMaxSize(5);
    }

    @Provide
    Arbitrary<List<Frame>> fromServer() {
        return Arbitraries.<Frame>oneOf(
                        AnyFrame.recv(),
                        AnyFrame.sendAck(),
                        AnyFrame.disconnect(),
                        AnyFrame.event(),
                        Arbitraries.of(new Frame.Pong(), new Frame.Pong()))
                .list()
                .ofMaxSize(5);
    }

    private ClientCodec connected(int version) {
        ClientCodec client = new ClientCodec(version);
        server = fresh();
        Frame.Connect connect = client.connect(1, "d", "u1", "", Feed.NOW);
        server.read(client.encode(connect));
        client.decode(server.write(server.accept(connect, Feed.NODE, Feed.NOW)));
        return client;
    }

    private static BinaryProtocol fresh() {
        return new BinaryProtocol(1 << 20, new SecureRandom(), new SharedRecv());
    }

    /** What a version leaves of a frame: no expire before 3, no stream bit before 5. */
    private static Frame inVersion(int version, Frame frame) {
        return switch (frame) {
            case Frame.Send f ->
                new Frame.Send(
                        f.header(),
                        setting(version, f.setting()),
                        f.clientSeq(),
                        f.clientMsgNo(),
                        f.channel(),
                        version < 3 ? 0 : f.expireSeconds(),
                        f.topic(),
                        f.payload());
            case Frame.Recv f ->
                new Frame.Recv(
                        f.header(),
                        f.dup(),
                        setting(version, f.setting()),
                        f.fromUid(),
                        f.channel(),
                        version < 3 ? 0 : f.expireSeconds(),
                        f.clientMsgNo(),
                        f.messageId(),
                        f.messageSeq(),
                        f.timestampSeconds(),
                        f.topic(),
                        f.payload());
            default -> frame;
        };
    }

    private static int setting(int version, int setting) {
        return version < 5 ? setting & ~0x02 : setting;
    }
}
