package dev.herald.bench.scenario;

import com.fasterxml.jackson.databind.JsonNode;
import dev.herald.bench.World;
import dev.herald.bench.measure.Counter;
import dev.herald.bench.measure.Result;
import dev.herald.model.ChannelKey;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What is true when all is over, asked of the servers that are left: what is stored, and who is online. */
final class Aftermath {
    private static final int WHOLE_HISTORY = 10_000;

    private final World world;
    private final Result result;

    Aftermath(World world, Result result) {
        this.world = world;
        this.result = result;
    }

    /** The {@code client_msg_no} of each message of two people; each must be there once, in a sequence without a gap. */
    Set<String> history(String one, String other) {
        Set<String> names = new HashSet<>();
        long seq = 0;
        for (JsonNode message : messages(one, other)) {
            seq++;
            if (message.get("message_seq").asLong() != seq) {
                result.problem(one + ": the sequence has a gap before " + message.get("message_seq"));
            }
            if (!names.add(message.get("client_msg_no").asText())) {
                result.problem(one + ": the history has a message twice");
            }
        }
        return names;
    }

    /** All of them are connected, and must be said to be online before long. */
    void online(List<String> uids) {
        world.poll(uids.size(), new Counter("online", () -> onlineOf(uids)));
        result.none("wrongly offline", uids.size() - onlineOf(uids));
    }

    private JsonNode messages(String one, String other) {
        return world.api()
                .post(
                        "/channel/messagesync",
                        Map.of(
                                "login_uid", one,
                                "channel_id", other,
                                "channel_type", ChannelKey.PERSON,
                                "start_message_seq", 1,
                                "end_message_seq", 0,
                                "pull_mode", 1,
                                "limit", WHOLE_HISTORY))
                .get("messages");
    }

    private int onlineOf(List<String> uids) {
        return world.api().post("/user/onlinestatus", uids).size();
    }
}
