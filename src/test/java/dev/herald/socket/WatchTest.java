package dev.herald.socket;

import static dev.herald.wire.Frame.Watch.Question.SUBSCRIBE;
import static dev.herald.wire.Frame.Watch.Question.UNSUBSCRIBE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.herald.bus.Addresses;
import dev.herald.bus.message.PresenceMessage.FollowUsers;
import dev.herald.bus.message.PresenceMessage.StatesChanged;
import dev.herald.bus.message.PresenceMessage.UserState;
import dev.herald.bus.message.PresenceMessage.UserStates;
import dev.herald.bus.message.SocketMessage.WatchListChanged;
import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import dev.herald.presencelog.WatchLists.WatchList;
import dev.herald.wire.Frame;
import dev.herald.wire.json.JsonClientCodec;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.junit5.VertxExtension;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** What clients watch, over real sockets, with presence faked. */
@ExtendWith(VertxExtension.class)
@Timeout(60)
class WatchTest {
    private static final int FRIENDS = 1_000;
    private static final int ROUNDS = 16;

    private final Map<String, UserState> states = new ConcurrentHashMap<>();
    private final List<FollowUsers> followed = new CopyOnWriteArrayList<>();
    private volatile boolean down;
    private int asked;

    @Test
    void a_client_may_watch_anybody_only_where_the_configuration_says_so_and_a_thousand_at_most(Vertx vertx) {
        SocketNode node = node(vertx, "presence.watch", "anybody");
        TestClient client = node.json().login("u1");

        JsonObject answer = subscribe(client, "a", "b");
        assertThat(answer.getJsonArray("users")).hasSize(2);
        assertThat(error(client, names(999))).isEqualTo("params.users: must not be more than 1000 in all");
        assertThat(node.metric("herald.watch.refused", "reason", "bound")).isEqualTo(1);
        assertThat(subscribe(client, names(998)).getJsonArray("users")).hasSize(998);
        assertThat(node.metric("herald.watch.users")).isEqualTo(1_000);
        ask(client, UNSUBSCRIBE, Optional.empty());
        assertThat(node.metric("herald.watch.users")).isZero();
    }

    @Test
    void whoever_is_on_no_list_is_refused_and_counted(Vertx vertx) {
        SocketNode node = node(vertx);
        node.peers.lists.put("u1", new WatchList(Set.of("a"), 1));
        TestClient client = node.json().login("u1");

        assertThat(error(client, "a", "b")).isEqualTo("params.users: b is not on the watch list");
        assertThat(subscribe(client, "a").getJsonArray("users")).hasSize(1);
        assertThat(node.metric("herald.watch.refused", "reason", "list")).isEqualTo(1);
    }

    @Test
    void a_client_that_asks_too_often_is_told_so_and_goes_on(Vertx vertx) {
        SocketNode node = node(vertx, "presence.watch", "anybody");
        TestClient client = node.json().login("u1");

        List<String> ids = IntStream.range(0, 100)
                .mapToObj(i -> send(client, SUBSCRIBE, Optional.of(Set.of("a"))))
                .toList();
        List<String> errors = ids.stream()
                .map(id -> answer(client, id))
                .filter(Frame.BadRequest.class::isInstance)
                .map(bad -> ((Frame.BadRequest) bad).text())
                .toList();
        assertThat(errors).isNotEmpty().hasSizeLessThanOrEqualTo(80).containsOnly("more than 5 such requests a second");
        assertThat(node.metric("herald.watch.refused", "reason", "rate")).isEqualTo(errors.size());
        assertThat(client.isClosed()).isFalse();
    }

    @Test
    void a_reader_that_stops_is_owed_the_newest_of_each_user_and_told_when_it_reads_again(Vertx vertx) {
        SocketNode node = node(vertx, "ws.max-outbox-bytes", "1100000");
        // So long that some rounds fill whatever the system buffers.
        Set<String> friends = Set.of(
                IntStream.range(0, FRIENDS).mapToObj(i -> "f".repeat(200) + i).toArray(String[]::new));
        node.peers.lists.put("slow", new WatchList(friends, 1));
        node.peers.lists.put("quick", new WatchList(friends, 1));
        TestClient slow = node.binary(5).login("slow");
        TestClient quick = node.binary(5).login("quick");
        await().until(() -> node.metric("herald.watch.users") == 2 * FRIENDS);

        slow.socket.pause();
        for (int version = 1; version <= ROUNDS; version++) {
            long now = version;
            change(node, friends.stream().map(uid -> state(uid, now)).toList());
            int all = version * FRIENDS;
            await().until(() -> quick.received.size() > all);
        }
        slow.socket.resume();

        await().pollInterval(Duration.ofMillis(500)).untilAsserted(() -> assertThat(newest(slow))
                .hasSize(FRIENDS)
                .allSatisfy((uid, version) -> assertThat(version).isEqualTo(ROUNDS)));
        assertThat(slow.isClosed()).isFalse();
        assertThat(slow.received).hasSizeLessThan(ROUNDS * FRIENDS);
        assertThat(newest(quick)).isEqualTo(newest(slow));
    }

    @Test
    void after_a_gap_all_that_is_watched_is_read_and_what_was_missed_is_told(Vertx vertx) {
        SocketNode node = node(vertx);
        node.peers.lists.put("u1", new WatchList(Set.of("a", "b"), 1));
        change(node, List.of(state("a", 1), state("b", 1)));
        TestClient client = node.binary(5).login("u1");
        await().until(() -> newest(client).equals(Map.of("a", 1L, "b", 1L)));

        states.put("b", state("b", 2));
        node.bus.publish(Addresses.STATES_CHANGED, new StatesChanged(List.of(), true));

        await().untilAsserted(() -> assertThat(newest(client)).isEqualTo(Map.of("a", 1L, "b", 2L)));
        assertThat(statuses(client)).hasSize(3);
    }

    @Test
    void a_user_who_becomes_active_and_is_no_more_is_told_of_without_an_event(Vertx vertx) {
        SocketNode node = node(vertx, "presence.active-within", "PT2S");
        node.peers.lists.put("u1", new WatchList(Set.of("a"), 1));
        states.put("a", state("a", 1));
        TestClient client = node.binary(5).login("u1");
        await().untilAsserted(() -> assertThat(words(client)).containsExactly("online"));

        states.put("a", state("a", 1).activeAt(System.currentTimeMillis()));
        await().untilAsserted(() -> assertThat(words(client)).containsExactly("online", "active", "online"));
        assertThat(newest(client)).isEqualTo(Map.of("a", 1L));
    }

    @Test
    void what_was_not_told_is_found_by_the_next_look(Vertx vertx) {
        SocketNode node = node(vertx, "presence.active-within", "PT2S");
        node.peers.lists.put("u1", new WatchList(Set.of("a", "b"), 1));
        change(node, List.of(state("a", 1), state("b", 1)));
        TestClient client = node.binary(5).login("u1");
        await().until(() -> newest(client).equals(Map.of("a", 1L, "b", 1L)));

        states.put("b", state("b", 2));
        await().untilAsserted(() -> assertThat(newest(client)).isEqualTo(Map.of("a", 1L, "b", 2L)));
    }

    @Test
    void what_could_not_be_read_is_read_by_the_next_sweep(Vertx vertx) {
        SocketNode node = node(vertx);
        down = true;
        states.put("a", state("a", 1));
        node.peers.lists.put("u1", new WatchList(Set.of("a"), 1));
        TestClient client = node.binary(5).login("u1");
        TestClient asking = node.json().login("u1");
        await().until(() -> !followed.isEmpty());
        assertThat(error(asking, "a")).isEqualTo("not available now, try again");
        assertThat(newest(client)).isEmpty();

        down = false;
        await().untilAsserted(() -> assertThat(newest(client)).isEqualTo(Map.of("a", 1L)));
    }

    @Test
    void a_list_whose_change_was_not_told_is_found_by_the_next_sweep(Vertx vertx) {
        SocketNode node = node(vertx);
        states.put("a", state("a", 1));
        states.put("b", state("b", 1));
        TestClient client = node.binary(5).login("u1");
        node.peers.lists.put("u1", new WatchList(Set.of("a"), 1));
        await().untilAsserted(() -> assertThat(newest(client)).isEqualTo(Map.of("a", 1L)));
        node.peers.lists.put("u1", new WatchList(Set.of("b"), 2));
        node.bus.publish(Addresses.WATCH_LIST_CHANGED, new WatchListChanged("u1"));
        await().untilAsserted(() -> assertThat(newest(client)).isEqualTo(Map.of("a", 1L, "b", 1L)));
        assertThat(node.metric("herald.watch.users")).isEqualTo(1);
        client.socket.close();
        await().until(() -> node.metric("herald.watch.users") == 0);
    }

    private SocketNode node(Vertx vertx, String... settings) {
        SocketNode node = new SocketNode(vertx, settings);
        node.bus.serve(Addresses.STATES_FOLLOW, asked -> {
            followed.add(asked);
            if (down) {
                return Future.failedFuture(new HeraldException(Failure.UNAVAILABLE, "down"));
            }
            return Future.succeededFuture(new UserStates(asked.uids().stream()
                    .map(uid -> states.getOrDefault(uid, new UserState(uid, false, 0, 0, 0, 0, 0)))
                    .toList()));
        });
        return node;
    }

    private void change(SocketNode node, List<UserState> changed) {
        changed.forEach(state -> states.put(state.uid(), state));
        node.bus.publish(Addresses.STATES_CHANGED, new StatesChanged(changed, false));
    }

    private static UserState state(String uid, long version) {
        return new UserState(uid, version % 2 == 1, version, version, 0, 0, 0);
    }

    private static String[] names(int count) {
        return IntStream.range(0, count).mapToObj(i -> "n" + i).toArray(String[]::new);
    }

    private JsonObject subscribe(TestClient client, String... users) {
        Frame answer = ask(client, SUBSCRIBE, Optional.of(Set.of(users)));
        assertThat(answer).isInstanceOf(Frame.Result.class);
        return new JsonObject(((Frame.Result) answer).json());
    }

    /** The text of the error, or "". */
    private String error(TestClient client, String... users) {
        return ask(client, SUBSCRIBE, Optional.of(Set.of(users))) instanceof Frame.BadRequest bad ? bad.text() : "";
    }

    private Frame ask(TestClient client, Frame.Watch.Question question, Optional<Set<String>> users) {
        return answer(client, send(client, question, users));
    }

    private String send(TestClient client, Frame.Watch.Question question, Optional<Set<String>> users) {
        String id = JsonClientCodec.WATCH + ++asked;
        client.send(new Frame.Watch(id, question, users));
        return id;
    }

    private static Frame answer(TestClient client, String id) {
        return await().until(
                        () -> client.received.stream()
                                .filter(frame -> (frame instanceof Frame.Result result
                                                && result.requestId().equals(id))
                                        || (frame instanceof Frame.BadRequest bad
                                                && bad.requestId().equals(id)))
                                .findFirst(),
                        Optional::isPresent)
                .orElseThrow();
    }

    private static List<JsonObject> statuses(TestClient client) {
        return client.received.stream()
                .filter(Frame.Recv.class::isInstance)
                .map(frame -> new JsonObject(((Frame.Recv) frame).payload().text()))
                .map(command -> command.getJsonObject("param"))
                .toList();
    }

    private static List<String> words(TestClient client) {
        return statuses(client).stream().map(param -> param.getString("status")).toList();
    }

    private static Map<String, Long> newest(TestClient client) {
        return statuses(client).stream()
                .collect(Collectors.toMap(
                        param -> param.getString("uid"), param -> param.getLong("version"), (first, later) -> {
                            assertThat(later).isGreaterThanOrEqualTo(first);
                            return later;
                        }));
    }
}
