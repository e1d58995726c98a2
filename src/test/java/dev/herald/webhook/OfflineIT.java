package dev.herald.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.herald.bus.Addresses;
import dev.herald.bus.message.PresenceMessage.OnlineRow;
import dev.herald.bus.message.PresenceMessage.OnlineRows;
import dev.herald.eventlog.EventLog.NewEvent;
import dev.herald.eventlog.EventType;
import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import dev.herald.it.Receiver.Answer;
import dev.herald.it.Receiver.Arrival;
import dev.herald.webhook.post.OfflineNotices;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Who is told that a message waits for somebody. */
@Timeout(60)
class OfflineIT {
    @RegisterExtension
    final WebhookWorld world = WebhookWorld.configured();

    /** Uid to whether a master device is online. */
    private final Map<String, Boolean> online = new ConcurrentHashMap<>();

    private final AtomicBoolean presenceIsAway = new AtomicBoolean();

    @BeforeEach
    void open() throws Exception {
        world.config.put("webhook.events", "msg.offline");
        world.bus.serve(
                Addresses.ONLINE_QUERY,
                query -> presenceIsAway.get()
                        ? Future.failedFuture(new HeraldException(Failure.UNAVAILABLE, "away"))
                        : Future.succeededFuture(new OnlineRows(query.uids().stream()
                                .filter(online::containsKey)
                                .map(uid -> new OnlineRow(uid, 1, online.get(uid)))
                                .toList())));
    }

    @Test
    void tells_of_members_without_a_device_online_but_not_of_the_sender() throws Exception {
        online.put("carol", false);
        world.node(1);
        group(7, "alice", "bob", "carol", "dave");
        send(7, 3, "alice");
        JsonObject told = arrival(0);
        assertThat(uids(told)).containsExactlyInAnyOrder("bob", "dave");
        assertThat(told)
                .containsAll(JsonObject.of(
                                "from_uid",
                                "alice",
                                "channel_id",
                                "g7",
                                "channel_type",
                                2,
                                "message_seq",
                                3,
                                "source_id",
                                0)
                        .getMap()
                        .entrySet());
        assertThat(told.containsKey("compress")).isFalse();
        assertThat(world.receiver.arrivals().getFirst().uri()).endsWith("?event=msg.offline");
    }

    @Test
    void by_wukongims_rule_only_a_master_device_counts() throws Exception {
        world.config.put("webhook.offline-rule", "no-master");
        online.putAll(Map.of("bob", true, "carol", false));
        world.node(1);
        group(7, "alice", "bob", "carol");
        send(7, 1, "alice");
        assertThat(uids(arrival(0))).containsExactly("carol");
    }

    @Test
    void tells_of_the_receiver_of_a_person_message_and_of_the_system_as_sender() throws Exception {
        world.node(1);
        store(9, 1, "____system");
        world.append(new NewEvent(
                EventType.MESSAGE_NOTIFY,
                NewEvent.channelKey(9),
                JsonObject.of("channel", 9, "seq", 1, "channel_id", "bob", "channel_type", 1)));
        assertThat(uids(arrival(0))).containsExactly("bob");
        assertThat(arrival(0).getString("from_uid")).isEqualTo("____system");
    }

    @Test
    void tells_of_messages_that_are_not_stored() throws Exception {
        world.node(1);
        world.append(new NewEvent(
                EventType.MESSAGE_PASSED,
                NewEvent.channelKey(9),
                JsonObject.of("channel", 9, "channel_id", "bob", "channel_type", 1)
                        .put("message", JsonObject.of("message_id", 77, "from_uid", "alice", "channel_id", "bob"))));
        assertThat(arrival(0).getInteger("message_id")).isEqualTo(77);
        assertThat(uids(arrival(0))).containsExactly("bob");
    }

    @Test
    void large_lists_come_in_chunks_that_hold_everybody_once() throws Exception {
        world.node(1);
        String[] members = IntStream.range(0, 1_203).mapToObj(i -> "m" + i).toArray(String[]::new);
        group(7, members);
        send(7, 1, "m0");
        await().until(() -> world.receiver.arrivals().size() == 3);
        List<String> all = new ArrayList<>();
        world.receiver.arrivals().forEach(arrival -> all.addAll(uids(new JsonObject(arrival.body()))));
        assertThat(all).hasSize(1_202).doesNotHaveDuplicates().doesNotContain("m0");
        assertThat(world.receiver.arrivals().stream().map(Arrival::id)).doesNotHaveDuplicates();
    }

    /** So that no transaction lasts, and none holds half of what a message is to tell. */
    @Test
    void many_messages_to_a_large_group_are_recorded_in_several_transactions_and_each_in_one() throws Exception {
        world.receiver.answer(arrival -> Answer.hang());
        group(7, IntStream.range(0, 5_001).mapToObj(i -> "m" + i).toArray(String[]::new));
        for (int seq = 1; seq <= 10; seq++) {
            store(7, seq, "m0");
        }
        world.node(1);
        world.append(IntStream.rangeClosed(1, 10).mapToObj(seq -> sent(7, seq)).toArray(NewEvent[]::new));
        await().until(() -> world.number("select count(*) from event where type = 'msg.offline'") == 100);
        assertThat(world.number("""
                select max(n) from (select count(*) as n from event where type = 'msg.offline' group by txid) t""")).isBetween(10L, OfflineNotices.AT_ONCE + 9L);
        assertThat(world.number("""
                select max(n) from (select count(distinct txid) as n from event where type = 'msg.offline'
                    group by data->>'seq') t""")).isEqualTo(1);
    }

    @Test
    void nobody_is_told_of_where_everybody_is_online() throws Exception {
        online.put("bob", true);
        world.node(1);
        group(7, "alice", "bob");
        group(8, "alice", "carol");
        send(7, 1, "alice");
        send(8, 1, "alice");
        assertThat(uids(arrival(0))).containsExactly("carol");
        assertThat(world.receiver.arrivals()).hasSize(1);
    }

    @Test
    void waits_for_presence_and_tells_all_then() throws Exception {
        presenceIsAway.set(true);
        world.node(1);
        group(7, "alice", "bob");
        for (int seq = 1; seq <= 20; seq++) {
            send(7, seq, "alice");
        }
        await().until(() ->
                world.number("select count(*) from webhook_lane where endpoint = 'offline' and attempts > 0") > 0);
        presenceIsAway.set(false);
        await().until(() -> world.receiver.arrivals().size() >= 20);
        assertThat(world.receiver.arrivals().stream()
                        .map(arrival -> new JsonObject(arrival.body()).getInteger("message_seq")))
                .containsExactlyElementsOf(IntStream.rangeClosed(1, 20).boxed().toList());
    }

    @Test
    void messages_are_recorded_only_while_somebody_asks() throws Exception {
        world.config.put("webhook.events", "presence.drift");
        String node = world.node(1);
        send(7, 1, "alice");
        assertThat(world.number("select count(*) from event")).isZero();
        WebhookWorld.get(world.vertx.undeploy(node));
        world.config.put("webhook.pull", "msg.notify");
        world.node(2);
        send(7, 2, "alice");
        assertThat(world.number("select count(*) from event")).isEqualTo(1);
        assertThat(world.number("select count(*) from event where type = 'msg.notify'"))
                .isEqualTo(1);
    }

    private void group(long channel, String... members) throws Exception {
        world.query("insert into member (channel, uid, since) select %d, uid, 1 from unnest('{%s}'::text[]) uid"
                .formatted(channel, String.join(",", members)));
    }

    private void send(long channel, long seq, String from) throws Exception {
        store(channel, seq, from);
        world.append(sent(channel, seq));
    }

    private static NewEvent sent(long channel, long seq) {
        return new NewEvent(
                EventType.MESSAGE_NOTIFY,
                NewEvent.channelKey(channel),
                JsonObject.of("channel", channel, "seq", seq, "channel_id", "g" + channel, "channel_type", 2));
    }

    private void store(long channel, long seq, String from) throws Exception {
        world.query("""
                insert into message (channel, seq, from_uid, client_msg_no, flags, setting, expire, topic, payload)
                values (%d, %d, '%s', 'no-%2$d', 0, 0, 0, '', '{}')""".formatted(channel, seq, from));
    }

    private JsonObject arrival(int number) {
        await().until(() -> world.receiver.arrivals().size() > number);
        return new JsonObject(world.receiver.arrivals().get(number).body());
    }

    private static Set<String> uids(JsonObject told) {
        return told.getJsonArray("to_uids").stream()
                .map(Object::toString)
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
