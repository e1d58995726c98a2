package dev.herald.wire.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.herald.model.ChannelKey;
import dev.herald.model.Delivery.Header;
import dev.herald.model.Payload;
import dev.herald.model.Reason;
import dev.herald.wire.Feed;
import dev.herald.wire.Frame;
import dev.herald.wire.Frame.Watch.Question;
import dev.herald.wire.WireException;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonRpcProtocolTest {
    private static final String CONNECT = """
            {"jsonrpc":"2.0","method":"connect","id":"1","params":{"uid":"u1","token":"t","deviceFlag":1,\
            "deviceId":"web_x","clientTimestamp":1755000000000}}""";
    private static final Header RED_DOT = new Header(false, true, false);

    private final JsonRpcProtocol server = new JsonRpcProtocol(1 << 16, new SharedNotification());

    @Test
    void connect_is_answered_in_the_documented_form() {
        Frame.Connect connect = new Frame.Connect(5, 1, "web_x", "u1", "t", 1_755_000_000_000L, "");

        assertThat(read(CONNECT)).containsExactly(connect);
        assertThat(written(server.accept(connect, Feed.NODE, Feed.NOW))).isEqualTo(new JsonObject("""
                        {"jsonrpc":"2.0","id":"1","result":{"serverVersion":5,"timeDiff":12,"reasonCode":1,"nodeId":1001}}"""));
        assertThat(server.isText()).isTrue();
        assertThat(server.takesEvents()).isTrue();
    }

    @Test
    void sends_are_answered_in_any_order_each_under_its_id() {
        connect();
        Frame.Send one = (Frame.Send) read(send("'payload':''")).getFirst();
        Frame.Send other = (Frame.Send)
                read(send("'payload':''").replace("\"9\"", "\"10\"")).getFirst();

        assertThat(written(new Frame.SendAck(Header.PLAIN, 1, other.clientSeq(), 1, 1))
                        .getString("id"))
                .isEqualTo("10");
        assertThat(written(new Frame.SendAck(Header.PLAIN, 2, one.clientSeq(), 2, 1))
                        .getString("id"))
                .isEqualTo("9");
    }

    @Test
    void a_request_without_an_id_cannot_be_answered() {
        connect();

        assertThat(read(send("'payload':''").replace("\"id\":\"9\",", "")))
                .containsExactly(new Frame.BadRequest("", "id is missing"));
        assertThat(read("{\"method\":\"ping\"}")).containsExactly(new Frame.BadRequest("", "id is missing"));
    }

    @Test
    void what_is_exactly_as_much_as_is_allowed_is_read() {
        connect();
        String uids = IntStream.range(0, Frame.Watch.MAX_USERS)
                .mapToObj(i -> "\"u" + i + "\"")
                .collect(Collectors.joining(","));

        assertThat(read(send("'payload':'','clientMsgNo':'" + "x".repeat(32_767) + "'")))
                .singleElement()
                .isInstanceOf(Frame.Send.class);
        assertThat(read("{\"method\":\"subscribe\",\"id\":\"w\",\"params\":{\"users\":[" + uids + "]}}"))
                .singleElement()
                .isInstanceOf(Frame.Watch.class);
        assertThat(read("{\"id\":\"d\",\"a\":" + "[".repeat(31) + "]".repeat(31) + "}"))
                .containsExactly(new Frame.BadRequest("d", "method is missing"));
    }

    @Test
    void a_refusal_is_an_error_with_the_reason_as_its_code() {
        read(CONNECT);

        assertThat(json(server.refuse(Reason.AUTH_FAIL.code(), "token is wrong")))
                .isEqualTo(new JsonObject("""
                        {"jsonrpc":"2.0","id":"1","error":{"code":2,"message":"token is wrong"}}"""));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'method':'ping','id':'1'} | the first method must be connect",
                "{'method':'connect','id':1} | id must be a string",
                "{'method':'connect','params':{'uid':'u'}} | id is missing",
                "{'method':'connect','id':'1'} | params.uid is missing",
                "{'method':'connect','id':'1','params':{'uid':'u','deviceFlag':256}} | params.deviceFlag must be",
                "{'jsonrpc':'1.0','method':'connect','id':'1'} | jsonrpc must be",
                "[{'method':'connect','id':'1'}] | batches are not supported",
                "7 | a message must be an object",
                "{'a':} | not JSON",
                "{'a']  | not JSON",
                "{'a':1}} | method is missing"
            })
    void a_first_message_that_is_no_connect_ends_the_connection(String message, String problem) {
        assertThatThrownBy(() -> read(message.replace('\'', '"')))
                .isInstanceOf(WireException.class)
                .hasMessageContaining(problem);
    }

    @Test
    void a_send_is_read_and_answered_under_its_id() {
        connect();
        Frame.Send send = (Frame.Send) read("""
                {"jsonrpc":"2.0","method":"send","id":"2","params":{"header":{"redDot":true},"clientMsgNo":"c1",\
                "channelId":"u2","channelType":1,"payload":"eyJ0eXBlIjoxfQ=="}}""").getFirst();

        Payload payload = Payload.of("{\"type\":1}");
        assertThat(send)
                .isEqualTo(new Frame.Send(RED_DOT, 0, send.clientSeq(), "c1", new ChannelKey("u2", 1), 0, "", payload));
        assertThat(written(new Frame.SendAck(Header.PLAIN, 1744L << 40, send.clientSeq(), 7, 1)))
                .isEqualTo(new JsonObject("""
                        {"jsonrpc":"2.0","id":"2","result":{"messageId":"%d","messageSeq":7,"reasonCode":1}}""".formatted(1744L << 40)));
    }

    @Test
    void recv_and_disconnect_have_the_documented_forms_without_an_id() {
        connect();
        Frame.Recv recv = new Frame.Recv(
                Header.PLAIN,
                false,
                0,
                "u2",
                new ChannelKey("u2", 1),
                0,
                "c9",
                1744,
                8,
                1_755_000_001L,
                "",
                Payload.of("{}"));

        assertThat(written(recv)).isEqualTo(new JsonObject("""
                        {"jsonrpc":"2.0","method":"recv","params":{"messageId":"1744","messageSeq":8,"timestamp":1755000001,\
                        "channelId":"u2","channelType":1,"fromUid":"u2","clientMsgNo":"c9","payload":"e30="}}"""));
        assertThat(written(new Frame.Disconnect(12, "login in other device"))).isEqualTo(new JsonObject("""
                        {"jsonrpc":"2.0","method":"disconnect","params":{"reasonCode":12,"reason":"login in other device"}}"""));
    }

    @Test
    void a_repeated_recv_says_so_in_its_header() {
        connect();
        Frame.Recv recv = new Frame.Recv(
                Header.COMMAND, true, 0, "", ChannelKey.group("g"), 0, "c", 1, 1, 1, "", Payload.of("{}"));

        assertThat(written(recv).getJsonObject("params").getJsonObject("header"))
                .isEqualTo(new JsonObject("{\"syncOnce\":true,\"dup\":true}"));
    }

    @Test
    void pings_are_answered_in_their_order_without_a_result() {
        connect();
        assertThat(read("{\"method\":\"ping\",\"id\":\"3\"} {\"method\":\"ping\",\"id\":\"4\"}"))
                .containsExactly(new Frame.Ping(), new Frame.Ping());

        assertThat(written(new Frame.Pong())).isEqualTo(new JsonObject("{\"jsonrpc\":\"2.0\",\"id\":\"3\"}"));
        assertThat(written(new Frame.Pong())).isEqualTo(new JsonObject("{\"jsonrpc\":\"2.0\",\"id\":\"4\"}"));
    }

    @Test
    void recvack_carries_the_message_id_as_text_and_sequences_up_to_32_bits() {
        connect();

        assertThat(read("""
                {"method":"recvack","params":{"header":{"syncOnce":true},"messageId":"9007199254740993","messageSeq":4294967295}}"""))
                .containsExactly(new Frame.RecvAck(Header.COMMAND, 9_007_199_254_740_993L, 4_294_967_295L));
    }

    @Test
    void a_payload_object_stands_for_its_json() {
        connect();

        assertThat(read(send("'payload':{'type':1,'n':1.10,'big':1e400}")))
                .extracting(frame -> ((Frame.Send) frame).payload().text())
                .containsExactly("{\"type\":1,\"n\":1.10,\"big\":1E+400}");
    }

    @Test
    void an_absent_message_number_is_an_empty_one() {
        connect();

        assertThat(read(send("'clientMsgNo':'','payload':''") + send("'payload':''")))
                .extracting(frame -> ((Frame.Send) frame).clientMsgNo())
                .containsExactly("", "");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'method':'send','id':'7','params':{'channelType':1,'payload':''}} | params.channelId is missing",
                "{'method':'send','id':'7','params':{'channelId':1,'channelType':1,'payload':''}} | params.channelId must be a string",
                "{'method':'send','id':'7','params':{'channelId':'g','channelType':256,'payload':''}} | params.channelType must be a whole number from 0 to 255",
                "{'method':'send','id':'7','params':{'channelId':'g','channelType':1.5,'payload':''}} | params.channelType must be",
                "{'method':'send','id':'7','params':{'channelId':'g','channelType':1}} | params.payload is missing",
                "{'method':'send','id':'7','params':{'channelId':'g','channelType':1,'payload':'%'}} | params.payload must be",
                "{'method':'send','id':'7','params':{'channelId':'g','channelType':1,'payload':7}} | params.payload must be",
                "{'method':'send','id':'7','params':{'channelId':'\\ud800','channelType':1,'payload':''}} | params.channelId is not valid Unicode",
                "{'method':'send','id':'7','params':{'header':{'redDot':1},'channelId':'g','channelType':1,'payload':''}} | params.header.redDot must be true or false",
                "{'method':'send','id':'7','params':{'header':7,'channelId':'g','channelType':1,'payload':''}} | params.header must be an object",
                "{'method':'recvack','id':'7','params':{'messageId':'x','messageSeq':1}} | params.messageId must be",
                "{'method':'recvack','id':'7','params':{'messageId':'1','messageSeq':4294967296}} | params.messageSeq must be",
                "{'method':'subscribe','id':'7','params':{'users':'u1'}} | params.users must be an array of 1 to 1000 uids",
                "{'method':'subscribe','id':'7','params':{'users':[]}} | params.users must be an array of 1 to 1000 uids",
                "{'method':'unsubscribe','id':'7','params':{'users':['u1',2]}} | params.users[1] must be a string",
                "{'method':'presence','id':'7','params':{'users':['a@b']}} | params.users[0] must not contain",
                "{'method':'connect','id':'7'} | already connected",
                "{'method':'shout','id':'7'} | method must be one of",
                "{'id':'7'} | method is missing",
                "{'jsonrpc':2,'id':'7','method':'ping'} | jsonrpc must be a string"
            })
    void a_bad_request_is_answered_and_the_next_one_is_read(String request, String problem) {
        connect();
        List<Frame> read = read(request.replace('\'', '"') + "{\"method\":\"ping\",\"id\":\"8\"}");

        assertThat(read).hasSize(2).last().isEqualTo(new Frame.Ping());
        Frame.BadRequest bad = (Frame.BadRequest) read.getFirst();
        assertThat(bad.requestId()).isEqualTo("7");
        assertThat(bad.text()).contains(problem);
        assertThat(written(bad))
                .isEqualTo(new JsonObject()
                        .put("jsonrpc", "2.0")
                        .put("id", "7")
                        .put("error", new JsonObject().put("code", 0).put("message", bad.text())));
    }

    @Test
    void questions_about_presence_are_read_and_answered_under_their_ids() {
        connect();
        assertThat(read("""
                {"method":"subscribe","id":"7","params":{"users":["u2","u1","u2"]}}
                {"method":"unsubscribe","id":"8"}
                {"method":"presence","id":"9","params":{"users":["u1"]}}"""))
                .containsExactly(
                        new Frame.Watch("7", Question.SUBSCRIBE, Optional.of(Set.of("u1", "u2"))),
                        new Frame.Watch("8", Question.UNSUBSCRIBE, Optional.empty()),
                        new Frame.Watch("9", Question.PRESENCE, Optional.of(Set.of("u1"))));

        assertThat(written(new Frame.Result("7", "{\"users\":[]}")))
                .isEqualTo(new JsonObject("{\"jsonrpc\":\"2.0\",\"id\":\"7\",\"result\":{\"users\":[]}}"));
        assertThat(read("{\"method\":\"subscribe\"}")).containsExactly(new Frame.BadRequest("", "id is missing"));
        String many = IntStream.range(0, 1_001).mapToObj(i -> "\"u" + i + "\"").collect(Collectors.joining(","));
        assertThat(read("{\"method\":\"presence\",\"id\":\"1\",\"params\":{\"users\":[" + many + "]}}"))
                .containsExactly(new Frame.BadRequest("1", "params.users must be an array of 1 to 1000 uids"));
    }

    @ParameterizedTest
    @CsvSource({"7, id must be a string", "null, id is missing", "'\"\"', id is missing", "{}, id must be a string"})
    void a_request_without_a_usable_id_is_answered_under_null(String id, String problem) {
        connect();
        Frame bad = read("{\"method\":\"ping\",\"id\":" + id + "}").getFirst();

        assertThat(bad).isEqualTo(new Frame.BadRequest("", problem));
        assertThat(written(bad).containsKey("id")).isTrue();
        assertThat(written(bad).getValue("id")).isNull();
    }

    @Test
    void text_longer_than_the_binary_protocol_carries_is_refused() {
        connect();
        String name = "x".repeat(32_768);

        assertThat(read(send("'payload':'','clientMsgNo':'" + name + "'")))
                .containsExactly(new Frame.BadRequest("9", "params.clientMsgNo has 32768 bytes, the limit is 32767"));
        assertThat(read("{\"method\":\"ping\",\"id\":\"" + "x".repeat(257) + "\"}"))
                .containsExactly(new Frame.BadRequest("", "id has 257 bytes, the limit is 256"));
    }

    @Test
    void open_requests_are_bounded_and_answers_make_room() {
        connect();
        Frame.Send first = (Frame.Send) read(send("'payload':''")).getFirst();
        for (int i = 1; i < 1024; i++) {
            assertThat(read("{\"method\":\"ping\",\"id\":\"p\"}")).containsExactly(new Frame.Ping());
        }

        assertThat(read(send("'payload':''")))
                .containsExactly(new Frame.BadRequest("9", "more than 1024 requests wait for their answer"));
        assertThat(read("{\"method\":\"ping\",\"id\":\"p\"}"))
                .containsExactly(new Frame.BadRequest("p", "more than 1024 requests wait for their answer"));
        server.write(Frame.SendAck.refused(first.header(), first.clientSeq(), Reason.NOT_MEMBER));
        assertThat(read(send("'payload':''"))).first().isInstanceOf(Frame.Send.class);
    }

    @Test
    void an_answer_without_a_request_fails_loudly() {
        connect();

        assertThatThrownBy(() -> server.write(new Frame.Pong())).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> server.write(new Frame.SendAck(Header.PLAIN, 1, 1, 1, 1)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(longs = {1L << 32, -1})
    void a_sequence_that_does_not_fit_fails_loudly(long messageSeq) {
        connect();
        Frame recv = new Frame.Recv(
                Header.PLAIN, false, 0, "u", ChannelKey.group("g"), 0, "c", 1, messageSeq, 1, "", Payload.EMPTY);

        assertThatThrownBy(() -> server.write(recv))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("messageSeq");
    }

    @Test
    void text_with_an_unpaired_surrogate_is_still_written() {
        Frame disconnect = new Frame.Disconnect(12, "a\ud800b");

        assertThat(written(disconnect).getJsonObject("params").getString("reason"))
                .isEqualTo("a?b");
    }

    @Test
    void a_disconnect_of_the_client_is_ignored() {
        connect();

        assertThat(read("{\"method\":\"disconnect\",\"params\":{\"reasonCode\":0}}"))
                .containsExactly(new Frame.Ignored());
    }

    @Test
    void depth_and_length_of_a_message_are_bounded() {
        connect();
        assertThatThrownBy(() -> read("{\"a\":" + "[".repeat(32)))
                .isInstanceOf(WireException.class)
                .hasMessageContaining("32 levels");
        JsonRpcProtocol small = new JsonRpcProtocol(100, new SharedNotification());
        assertThatThrownBy(() -> small.read(("{\"a\":\"" + "x".repeat(100)).getBytes(UTF_8)))
                .isInstanceOf(WireException.class)
                .hasMessageContaining("100 bytes");
    }

    private void connect() {
        Frame.Connect connect = (Frame.Connect) read(CONNECT).getFirst();
        server.accept(connect, Feed.NODE, Feed.NOW);
    }

    private List<Frame> read(String text) {
        return server.read(text.getBytes(UTF_8));
    }

    private JsonObject written(Frame frame) {
        return json(server.write(frame));
    }

    private static JsonObject json(byte[] bytes) {
        return new JsonObject(new String(bytes, UTF_8));
    }

    private static String send(String fields) {
        return ("{'method':'send','id':'9','params':{'channelId':'g','channelType':2," + fields + "}}")
                .replace('\'', '"');
    }
}
