package dev.herald.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.stream.IntStream;

/** Users who write to each other through an API that really stores messages. */
public final class Chat {
    public static final int PERSON = 1;
    public static final int GROUP = 2;

    private final ApiServer server;

    public Chat(ApiServer server) {
        this.server = server;
    }

    public void group(String id, String... members) {
        channel(id, GROUP, members);
    }

    public void channel(String id, int type, String... members) {
        ok(
                "/channel",
                JsonObject.of("channel_id", id, "channel_type", type, "subscribers", new JsonArray(List.of(members))));
    }

    /** A group message of that number; the sequence that it got. */
    public long send(String from, String group, String clientMsgNo) {
        return send(message(from, group, GROUP, clientMsgNo));
    }

    public long sendTo(String from, String to, String clientMsgNo) {
        return send(message(from, to, PERSON, clientMsgNo));
    }

    /** Group messages c1 to cN. */
    public void sendMany(String from, String group, int count) {
        IntStream.rangeClosed(1, count).forEach(n -> send(from, group, "c" + n));
    }

    public long send(JsonObject message) {
        JsonObject answer = server.post("/message/send", message.encode()).json();
        assertThat(answer.getInteger("status")).as(answer.encode()).isEqualTo(200);
        return answer.getJsonObject("data").getLong("message_seq");
    }

    public static JsonObject message(String from, String channel, int type, String clientMsgNo) {
        return JsonObject.of(
                "from_uid",
                from,
                "channel_id",
                channel,
                "channel_type",
                type,
                "client_msg_no",
                clientMsgNo,
                "payload",
                base64(clientMsgNo));
    }

    public static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    public void ok(String path, JsonObject body) {
        assertThat(server.post(path, body.encode()).body()).isEqualTo("{\"status\":200}");
    }

    /** The sequences of an array of message objects. */
    public static List<Long> seqs(JsonArray messages) {
        return messages.stream()
                .map(message -> ((JsonObject) message).getLong("message_seq"))
                .toList();
    }
}
