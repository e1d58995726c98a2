package dev.herald.wire.binary;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.model.ChannelKey;
import dev.herald.model.Delivery.Header;
import dev.herald.model.Payload;
import dev.herald.wire.FixedRandom;
import dev.herald.wire.Frame;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Bytes computed independently and checked against shipped clients (wukong-interfaces appendix A.1). */
class GoldenVectorsTest {
    private static final String CONNECT_V5 =
            "104305010002645700027531000174000001989e26ce00002c42364e38764251676b38693356647762454f687374435933537446717146507443392f41737268744848773d";
    private static final String CONNACK_V5 =
            "215205000000000000000c01002c57476d76394642556c7a4c4c7175316558666d7a436d326a484c446c644375745774536870326a78706e733d00106162636465666768696a30313233343500000000000003e9";
    private static final String CONNACK_V2 =
            "2049000000000000000c01002c57476d76394642556c7a4c4c7175316558666d7a436d326a484c446c644375745774536870326a78706e733d00106162636465666768696a303132333435";
    private static final String SEND_V2 =
            "325c00000000010002633100026731020020343463393031613039616131303830373431333338353764656239323331333037532f5175504f39747233506a2f365a702b6145576f6f592f7556434d6d674b554159707a3058342f496f3d";
    private static final String SEND_V5 =
            "32600000000001000263310002673102000000000020343463393031613039616131303830373431333338353764656239323331333037532f5175504f39747233506a2f365a702b6145576f6f592f7556434d6d674b554159707a3058342f496f3d";
    private static final String RECV_V2 =
            "526c00002032653037313239363331313236303965393532303434323636303261313164650002753100026731020002633100000000000003e900000007689b2cc037532f5175504f39747233506a2f365a702b6145576f6f592f7556434d6d674b554159707a3058342f496f3d";
    private static final String RECV_V5 =
            "52700000203265303731323936333131323630396539353230343432363630326131316465000275310002673102000000000002633100000000000003e900000007689b2cc037532f5175504f39747233506a2f365a702b6145576f6f592f7556434d6d674b554159707a3058342f496f3d";
    private static final String SENDACK = "421100000000000003e9000000010000000701";
    private static final String RECVACK = "600c00000000000003e900000007";
    private static final String DISCONNECT = "90040c000178";

    private static final long NOW = 1_755_000_000_000L;
    private static final Header RED_DOT = new Header(false, true, false);
    private static final ChannelKey GROUP = ChannelKey.group("g1");
    private static final Payload PAYLOAD = Payload.of("{\"type\":1,\"content\":\"hi\"}");
    private static final Frame.Send SEND = new Frame.Send(RED_DOT, 0, 1, "c1", GROUP, 0, "", PAYLOAD);
    private static final Frame.Recv RECV =
            new Frame.Recv(RED_DOT, false, 0, "u1", GROUP, 0, "c1", 1001, 7, NOW / 1000, "", PAYLOAD);

    private final BinaryProtocol server = new BinaryProtocol(1 << 20, new FixedRandom(0x21), new SharedRecv());

    @Test
    void connect_is_read_and_written_in_version_5() {
        Frame.Connect connect = client(5).connect(1, "dW", "u1", "t", NOW);

        assertThat(hex(client(5).encode(connect))).isEqualTo(CONNECT_V5);
        assertThat(server.read(bytes(CONNECT_V5))).containsExactly(connect);
    }

    @ParameterizedTest
    @CsvSource({"5," + CONNACK_V5, "2," + CONNACK_V2})
    void connack_is_written_and_understood(int version, String golden) {
        ClientCodec client = client(version);
        byte[] written = server.write(accepted(client));

        assertThat(hex(written)).isEqualTo(golden);
        Frame.ConnAck read = (Frame.ConnAck) client.decode(written);
        assertThat(read.timeDiffMillis()).isEqualTo(12);
        assertThat(read.nodeId()).isEqualTo(version == 5 ? 1001 : 0);
    }

    @ParameterizedTest
    @CsvSource({"5," + SEND_V5, "2," + SEND_V2})
    void send_is_decrypted(int version, String golden) {
        ClientCodec client = connected(version);

        assertThat(server.read(bytes(golden))).containsExactly(SEND);
        assertThat(hex(client.encode(SEND))).isEqualTo(golden);
    }

    @ParameterizedTest
    @CsvSource({"5," + RECV_V5, "2," + RECV_V2})
    void recv_is_encrypted_and_signed(int version, String golden) {
        ClientCodec client = connected(version);

        assertThat(hex(server.write(RECV))).isEqualTo(golden);
        assertThat(client.decode(bytes(golden))).isEqualTo(RECV);
    }

    @Test
    void a_repeated_recv_differs_in_one_bit() {
        connected(5);
        Frame.Recv again = new Frame.Recv(RED_DOT, true, 0, "u1", GROUP, 0, "c1", 1001, 7, NOW / 1000, "", PAYLOAD);

        assertThat(hex(server.write(again))).isEqualTo("5a" + RECV_V5.substring(2));
    }

    @Test
    void acks_and_heartbeats_keep_their_bytes() {
        ClientCodec client = connected(5);
        Frame.RecvAck recvAck = new Frame.RecvAck(Header.PLAIN, 1001, 7);

        assertThat(hex(server.write(new Frame.SendAck(RED_DOT, 1001, 1, 7, 1)))).isEqualTo(SENDACK);
        assertThat(hex(server.write(new Frame.Disconnect(12, "x")))).isEqualTo(DISCONNECT);
        assertThat(hex(server.write(new Frame.Pong()))).isEqualTo("80");
        assertThat(server.read(bytes(RECVACK + "70"))).containsExactly(recvAck, new Frame.Ping());
        assertThat(hex(client.encode(recvAck))).isEqualTo(RECVACK);
        assertThat(hex(client.encode(new Frame.Ping()))).isEqualTo("70");
    }

    private ClientCodec connected(int version) {
        ClientCodec client = client(version);
        client.decode(server.write(accepted(client)));
        return client;
    }

    private Frame.ConnAck accepted(ClientCodec client) {
        Frame.Connect connect = client.connect(1, "dW", "u1", "t", NOW);
        server.read(client.encode(connect));
        return server.accept(connect, 1001, NOW + 12);
    }

    private static ClientCodec client(int version) {
        return new ClientCodec(version, new FixedRandom(0x01));
    }

    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex);
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
