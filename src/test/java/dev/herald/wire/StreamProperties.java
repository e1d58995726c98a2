package dev.herald.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.model.ChannelKey;
import dev.herald.model.Delivery.Header;
import dev.herald.model.Payload;
import dev.herald.wire.binary.BinaryProtocol;
import dev.herald.wire.binary.ClientCodec;
import dev.herald.wire.binary.SharedRecv;
import dev.herald.wire.json.JsonClientCodec;
import dev.herald.wire.json.JsonRpcProtocol;
import dev.herald.wire.json.SharedNotification;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** A recorded client, cut and damaged in every way. */
class StreamProperties {
    private static final int MAX_FRAME_BYTES = 1 << 12;

    @Example
    void a_binary_stream_gives_the_same_frames_however_it_is_cut() {
        for (int version = 2; version <= 5; version++) {
            assertSameFramesForEveryCut(StreamProperties::binary, binaryStream(version));
        }
    }

    @Example
    void a_json_stream_gives_the_same_frames_however_it_is_cut() {
        assertSameFramesForEveryCut(StreamProperties::json, jsonStream());
    }

    @Property(tries = 500)
    void random_bytes_give_frames_or_a_wire_exception(@ForAll @Size(max = 300) byte[] bytes) {
        feedAnything(binary(), bytes);
        feedAnything(json(), bytes);
    }

    @Property(tries = 500)
    void random_bytes_after_connect_give_frames_or_a_wire_exception(
            @ForAll @IntRange(min = 0, max = 255) int version, @ForAll @Size(max = 300) byte[] bytes) {
        feedAnything(binary(), join(connect(version), bytes));
        feedAnything(json(), join(new JsonClientCodec().encode(jsonConnect()), bytes));
    }

    @Property(tries = 1000)
    void a_damaged_binary_stream_gives_frames_or_a_wire_exception(
            @ForAll @IntRange(min = 2, max = 5) int version, @ForAll("damages") List<Damage> damages) {
        feedAnything(binary(), Damage.all(damages, binaryStream(version)));
    }

    @Property(tries = 1000)
    void a_damaged_json_stream_gives_frames_or_a_wire_exception(@ForAll("damages") List<Damage> damages) {
        feedAnything(json(), Damage.all(damages, jsonStream()));
    }

    /** One byte changed, taken out, or put in front of a place given as a share of the stream. */
    record Damage(int kind, int perMille, int value) {
        static byte[] all(List<Damage> damages, byte[] stream) {
            byte[] damaged = stream;
            for (Damage damage : damages) {
                damaged = damage.of(damaged);
            }
            return damaged;
        }

        private byte[] of(byte[] stream) {
            int at = (int) ((long) stream.length * perMille / 1000);
            byte[] head = Arrays.copyOf(stream, at);
            byte[] tail = Arrays.copyOfRange(stream, Math.min(stream.length, kind == 2 ? at : at + 1), stream.length);
            return kind == 1 ? join(head, tail) : join(head, join(new byte[] {(byte) value}, tail));
        }
    }

    @Provide
    Arbitrary<List<Damage>> damages() {
        Arbitrary<Integer> values = Arbitraries.oneOf(
                Arbitraries.integers().between(0, 255), Arbitraries.of((int) '"', (int) '{', (int) '}', (int) '\\', 0));
        return Combinators.combine(
                        Arbitraries.integers().between(0, 2),
                        Arbitraries.integers().between(0, 1000),
                        values)
                .as(Damage::new)
                .list()
                .ofMinSize(1)
                .ofMaxSize(4);
    }

    private static void assertSameFramesForEveryCut(Supplier<Protocol> fresh, byte[] stream) {
        List<Frame> whole = Feed.into(fresh.get(), List.of(stream));
        assertThat(whole).hasSize(6);
        assertThat(Feed.into(fresh.get(), Feed.singly(stream))).isEqualTo(whole);
        for (int cut = 0; cut <= stream.length; cut++) {
            byte[] head = Arrays.copyOf(stream, cut);
            byte[] tail = Arrays.copyOfRange(stream, cut, stream.length);
            assertThat(Feed.into(fresh.get(), List.of(head, tail)))
                    .as("cut at %d", cut)
                    .isEqualTo(whole);
        }
    }

    /** Whatever else is thrown fails the property. */
    private static void feedAnything(Protocol protocol, byte[] stream) {
        try {
            Feed.into(protocol, List.of(stream));
        } catch (WireException e) {
            assertThat(e).hasMessageMatching("(?s).{5,}");
        }
    }

    private static byte[] binaryStream(int version) {
        ClientCodec client = new ClientCodec(version, new FixedRandom(0x01));
        Protocol server = binary();
        Frame.Connect connect = (Frame.Connect) server.read(connect(version)).getFirst();
        client.decode(server.write(server.accept(connect, Feed.NODE, Feed.NOW)));
        return join(
                connect(version), join(recorded().stream().map(client::encode).toList()));
    }

    private static byte[] jsonStream() {
        JsonClientCodec client = new JsonClientCodec();
        List<byte[]> messages = new ArrayList<>();
        messages.add(client.encode(jsonConnect()));
        for (Frame frame : recorded()) {
            messages.add(client.encode(frame));
            messages.add(" \r\n\t".getBytes(UTF_8));
        }
        return join(messages);
    }

    private static List<Frame> recorded() {
        Header redDot = new Header(false, true, false);
        ChannelKey group = ChannelKey.group("g1");
        Payload longer = Payload.of("{\"type\":1,\"content\":\"" + "漢😀".repeat(4) + "\"}");
        return List.of(
                new Frame.Send(redDot, 0, 1, "c1", group, 0, "", Payload.of("{\"type\":1}")),
                new Frame.Send(redDot, 0x82, 2, "c\"{2", group, 60, "", longer),
                new Frame.RecvAck(Header.COMMAND, 1L << 60, 7),
                new Frame.Ping(),
                new Frame.Send(Header.PLAIN, 0x08, 3, "ç\\3", new ChannelKey("u2", 1), 0, "t}", Payload.EMPTY));
    }

    private static byte[] connect(int version) {
        ClientCodec client = new ClientCodec(version, new FixedRandom(0x01));
        return client.encode(client.connect(1, "dW", "u1", "t", Feed.NOW));
    }

    private static Frame.Connect jsonConnect() {
        return new Frame.Connect(5, 1, "dW", "u1", "t", Feed.NOW, "");
    }

    private static Protocol binary() {
        return new BinaryProtocol(MAX_FRAME_BYTES, new FixedRandom(0x21), new SharedRecv());
    }

    private static Protocol json() {
        return new JsonRpcProtocol(MAX_FRAME_BYTES, new SharedNotification());
    }

    private static byte[] join(byte[] first, byte[] second) {
        return join(List.of(first, second));
    }

    private static byte[] join(List<byte[]> parts) {
        ByteBuffer whole =
                ByteBuffer.allocate(parts.stream().mapToInt(part -> part.length).sum());
        parts.forEach(whole::put);
        return whole.array();
    }
}
