package dev.herald.webhook;

import static dev.herald.webhook.WebhookWorld.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.eventlog.EventLog;
import dev.herald.eventlog.EventLog.NewEvent;
import dev.herald.eventlog.EventType;
import dev.herald.webhook.lane.LaneKey;
import dev.herald.webhook.lane.LaneRun;
import dev.herald.webhook.lane.LaneRun.Cut;
import dev.herald.webhook.lane.Lanes;
import dev.herald.webhook.lane.Owner;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What one claim takes into memory. */
@Timeout(60)
class LanesIT {
    private static final int EVENTS = 150;
    private static final LaneKey LANE = LaneKey.of("config", EventLog.laneOf("c:1"));

    @RegisterExtension
    final WebhookWorld world = WebhookWorld.configured();

    @Test
    void reads_so_many_bytes_ahead_and_knows_that_there_is_more() throws Exception {
        world.append(large().toArray(NewEvent[]::new));
        Lanes lanes = new Lanes(new Owner(world.pg.statements(), 1, Duration.ofSeconds(5)));
        LaneRun run = get(lanes.claim(
                        new Lanes.Request("config", List.of(LANE), 1, 200, EventType.ofWukong(), new Cut(1, true))))
                .runs()
                .getFirst();
        assertThat(run.events()).hasSizeBetween(2, EVENTS / 2);
        assertThat(run.full()).isTrue();
    }

    @Test
    void an_event_that_is_larger_alone_is_read_alone() throws Exception {
        List<String> uids = IntStream.range(0, 50_000).mapToObj(LanesIT::uid).toList();
        world.append(offline(1, uids), offline(2, List.of("u1")));
        Lanes lanes = new Lanes(new Owner(world.pg.statements(), 1, Duration.ofSeconds(5)));
        LaneRun run = get(lanes.claim(
                        new Lanes.Request("config", List.of(LANE), 1, 200, EventType.ofWukong(), new Cut(1, true))))
                .runs()
                .getFirst();
        assertThat(run.events()).hasSize(1);
        assertThat(run.full()).isTrue();
    }

    private static List<NewEvent> large() {
        return IntStream.range(0, EVENTS)
                .mapToObj(seq -> offline(
                        seq,
                        IntStream.range(0, 500)
                                .mapToObj(i -> uid(500 * seq + i))
                                .toList()))
                .toList();
    }

    /** Compresses badly. */
    private static String uid(int i) {
        return new UUID(31L * i * i + 17, 7_919L * i).toString()
                + UUID.nameUUIDFromBytes(new byte[] {(byte) i, (byte) (i >> 8), (byte) (i >> 16)});
    }

    private static NewEvent offline(int seq, List<String> uids) {
        return new NewEvent(
                EventType.MESSAGE_OFFLINE.value(),
                "c:1",
                JsonObject.of("channel", 1, "seq", seq, "channel_id", "g1", "channel_type", 2)
                        .put("to_uids", new JsonArray(uids)),
                "offline:" + seq);
    }
}
