package dev.herald.wire.binary;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.herald.model.ChannelKey;
import dev.herald.model.Delivery.Header;
import dev.herald.model.Payload;
import dev.herald.model.Reason;
import dev.herald.wire.Feed;
import dev.herald.wire.FixedRandom;
import dev.herald.wire.Frame;
import dev.herald.wire.WireException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BinaryProtocolTest {
    private static final ChannelKey GROUP = ChannelKey.group("g1");

    private final BinaryProtocol server = new BinaryProtocol(1 << 20, new FixedRandom(0x21), new SharedRecv());

    @ParameterizedTest
    @CsvSource({
        "70, the first frame must be CONNECT",
        "1080808080, has more than 4 bytes",
        "10ffffff7f, the limit is 1048576",
        "1000, CONNECT is cut short at version",
        "10040501ffff, CONNECT: the length of deviceID is negative",
        "100505010004ff, CONNECT is cut short at deviceID",
        "100605010002c328, CONNECT: deviceID is not UTF-8"
    })
    void refuses_what_is_no_connect(String hex, String problem) {
        assertThatThrownBy(() -> server.read(bytes(hex)))
                .isInstanceOf(WireException.class)
                .hasMessageContaining(problem);
    }

    @ParameterizedTest
    @CsvSource({
        "00, there is no frame type 0",
        "d0, there is no frame type 13",
        "600400000000, RECVACK is cut short at messageID",
        "600b00000000000003e9000000, RECVACK is cut short at messageSeq",
        "600d00000000000003e90000000700, RECVACK: 1 bytes too many",
        "30020000, SEND is cut short at clientSeq",
        "6080808080, has more than 4 bytes"
    })
    void refuses_what_is_no_frame(String hex, String problem) {
        connected(5);

        assertThatThrownBy(() -> server.read(bytes(hex)))
                .isInstanceOf(WireException.class)
                .hasMessageContaining(problem);
    }

    @Test
    void a_connect_with_bytes_after_its_fields_is_refused() {
        ClientCodec client = client(5);
        byte[] connect = client.encode(client.connect(1, "d", "u1", "", 0));
        byte[] longer = Arrays.copyOf(connect, connect.length + 1);
        longer[1]++;

        assertThatThrownBy(() -> server.read(longer)).isInstanceOf(WireException.class);
    }

    @Test
    void a_frame_of_exactly_the_bound_is_read_and_none_that_is_longer() {
        ClientCodec client = client(5);
        Frame.Connect connect = client.connect(1, "d", "u1", "", 0);
        byte[] bytes = client.encode(connect);
        int body = bytes.length - 2;

        assertThat(new BinaryProtocol(body, new FixedRandom(1), new SharedRecv()).read(bytes))
                .containsExactly(connect);
        assertThatThrownBy(() -> new BinaryProtocol(body - 1, new FixedRandom(1), new SharedRecv()).read(bytes))
                .isInstanceOf(WireException.class)
                .hasMessageContaining("the limit is " + (body - 1));
    }

    @Test
    void waits_for_a_length_that_has_not_come_whole() {
        assertThat(server.read(bytes("10808080"))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"4, false", "5, true"})
    void clients_know_events_from_version_5_on(int version, boolean known) {
        connected(version);

        assertThat(server.takesEvents()).isEqualTo(known);
        assertThat(server.isText()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"127, 1", "128, 2", "16383, 2", "16384, 3", "2097151, 3", "2097152, 4"})
    void a_length_takes_as_many_bytes_as_it_needs(int length, int bytes) {
        byte[] frame = new FieldWriter(0).raw(new byte[length]).frame(FrameType.RECV, 0);

        assertThat(frame).hasSize(1 + bytes + length);
        assertThat(frame[bytes]).as("the last byte of the length").isNotNegative();
    }

    @Test
    void holds_what_follows_connect_until_it_is_accepted() {
        ClientCodec client = client(5);
        Frame.Connect connect = client.connect(1, "d", "u1", "", 0);
        byte[] bytes = client.encode(connect);
        byte[] withPing = Arrays.copyOf(bytes, bytes.length + 1);
        withPing[bytes.length] = 0x70;

        assertThat(server.read(withPing)).containsExactly(connect);
        assertThat(server.read(bytes("70"))).isEmpty();
        server.accept(connect, 1, 0);
        assertThat(server.read(new byte[0])).containsExactly(new Frame.Ping(), new Frame.Ping());
    }

    @Test
    void what_is_held_before_the_answer_is_bounded() {
        BinaryProtocol small = new BinaryProtocol(200, new FixedRandom(0x21), new SharedRecv());
        ClientCodec client = client(5);
        small.read(client.encode(client.connect(1, "d", "u1", "", 0)));
        small.read(new byte[205]);

        assertThatThrownBy(() -> small.read(new byte[1]))
                .isInstanceOf(WireException.class)
                .hasMessageContaining("the limit is 205");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "not base64!",
                "AAAA",
                "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
                "4Ot6fDtBuK4WVuP68Z/EatoJjeucMrH9hmIFFl9JuAA=",
                "B6N8vBQgk8i3VdwbEOhstCY3StFqqFPtC9/AsrhtHHwA"
            })
    void an_unusable_client_key_is_refused(String key) {
        Frame.Connect connect = new Frame.Connect(5, 1, "d", "u1", "", 0, key);

        assertThatThrownBy(() -> server.accept(connect, 1, 0))
                .isInstanceOf(WireException.class)
                .hasMessageContaining("clientKey");
    }

    @Test
    void a_send_with_a_wrong_signature_is_unreadable_and_the_next_one_is_read() {
        ClientCodec client = connected(5);
        Frame.Send send = send("c1");
        byte[] forged = client.encode(send);
        forged[forged.length - 1] ^= 1;

        assertThat(server.read(forged)).containsExactly(new Frame.UnreadableSend(send.header(), 1));
        assertThat(server.read(client.encode(send))).containsExactly(send);
    }

    @ParameterizedTest
    @ValueSource(strings = {"AAAA", "AAAAAAAAAAAAAAAAAAAAAA==", "no base64!"})
    void a_signed_send_that_cannot_be_decrypted_is_unreadable_and_the_next_one_is_read(String payload) {
        ClientCodec client = connected(5);
        KeyExchange keys = KeyExchange.generate(new FixedRandom(0x01));
        byte[] secret = keys.agree(KeyExchange.generate(new FixedRandom(0x21)).publicKey());
        byte[] msgKey = new Encryption(secret, "abcdefghij012345")
                .sign(Encryption.signedOfSend(1, "c1", GROUP).getBytes(US_ASCII), payload.getBytes(US_ASCII));
        byte[] send = new FieldWriter(64)
                .u8("setting", 0)
                .u32("clientSeq", 1)
                .str("clientMsgNo", "c1")
                .str("channelID", GROUP.id())
                .u8("channelType", GROUP.type())
                .u32("expire", 0)
                .str("msgKey", msgKey)
                .raw(payload.getBytes(US_ASCII))
                .frame(FrameType.SEND, 0);

        assertThat(server.read(send)).containsExactly(new Frame.UnreadableSend(Header.PLAIN, 1));
        assertThat(server.read(client.encode(send("c2")))).containsExactly(send("c2"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a003000000", "90040c000178", "80", "1000", "c000"})
    void other_frames_are_ignored_and_the_next_one_is_read(String hex) {
        connected(5);

        assertThat(server.read(bytes(hex + "70"))).containsExactly(new Frame.Ignored(), new Frame.Ping());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 9})
    void a_refusal_has_the_layout_of_the_client(int version) {
        ClientCodec client = client(Math.min(version, 5));
        Frame.Connect connect = new Frame.Connect(version, 1, "d", "u1", "", 0, "");
        server.read(client.encode(connect));

        Frame refusal = client.decode(server.refuse(Reason.AUTH_FAIL.code(), "no such token"));
        assertThat(refusal).isEqualTo(new Frame.ConnAck(version > 3 ? Math.min(version, 5) : 0, 0, 2, "", "", 0));
    }

    @Test
    void a_newer_client_is_spoken_to_in_version_5() {
        ClientCodec client = client(5);
        Frame.Connect old = client.connect(1, "d", "u1", "", 0);
        Frame.Connect connect = new Frame.Connect(200, 1, "d", "u1", "", 0, old.clientKey());
        server.read(client.encode(connect));

        assertThat(server.accept(connect, 1, 0).serverVersion()).isEqualTo(5);
    }

    @Test
    void fields_that_do_not_fit_are_refused() {
        connected(5);

        assertThatThrownBy(() -> server.write(new Frame.SendAck(Header.PLAIN, 1, 1, 1L << 32, 1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("messageSeq");
        assertThatThrownBy(() -> server.write(new Frame.Disconnect(1, "x".repeat(32_768))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("reason");
        assertThatThrownBy(() -> server.write(new Frame.Ping())).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void a_recv_of_every_length_class_is_read_by_the_client() {
        ClientCodec client = connected(5);

        for (int size : List.of(0, 1, 100, 10_000, 20_000, 700_000, 3_000_000)) {
            Frame recv = new Frame.Recv(
                    Header.PLAIN, false, 0, "u1", GROUP, 0, "c1", 1, 1, 1, "", Payload.of(new byte[size]));
            assertThat(client.decode(server.write(recv))).isEqualTo(recv);
        }
    }

    /** With a copy of what is held for every piece it would move half a terabyte. */
    @Test
    @Timeout(20)
    void a_large_frame_may_come_byte_by_byte() {
        ClientCodec client = connected(5);
        Payload payload = Payload.of(new byte[700_000]);
        Frame.Send send = new Frame.Send(Header.PLAIN, 0, 1, "c1", GROUP, 0, "", payload);

        assertThat(Feed.into(server, Feed.singly(client.encode(send)))).containsExactly(send);
    }

    private ClientCodec connected(int version) {
        ClientCodec client = client(version);
        Frame.Connect connect = client.connect(1, "d", "u1", "", 0);
        server.read(client.encode(connect));
        client.decode(server.write(server.accept(connect, Feed.NODE, Feed.NOW)));
        return client;
    }

    private static Frame.Send send(String clientMsgNo) {
        return new Frame.Send(Header.COMMAND, 0, 1, clientMsgNo, GROUP, 0, "", Payload.of("hi"));
    }

    private static ClientCodec client(int version) {
        return new ClientCodec(version, new FixedRandom(0x01));
    }

    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex);
    }
}
