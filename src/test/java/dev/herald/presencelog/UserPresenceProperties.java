package dev.herald.presencelog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.presencelog.StatusEvent.Scope;
import dev.herald.presencelog.UserPresence.Told;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** What is told of a user whose devices come and go, by edges that are recorded in portions, and again after crashes. */
class UserPresenceProperties {
    private static final String UID = "u1";

    @Provide
    Arbitrary<List<Integer>> flags() {
        return Arbitraries.integers().between(0, 2).list().ofMaxSize(30);
    }

    @Property
    void whoever_applies_the_events_in_any_order_by_version_ends_with_the_answer_of_the_query(
            @ForAll("flags") List<Integer> flags, @ForAll boolean deviceEvents, @ForAll long seed) {
        Random random = new Random(seed);
        Told told = record(edges(flags), deviceEvents, random);
        List<StatusEvent> arriving = new ArrayList<>(told.events());
        arriving.addAll(
                told.events().stream().filter(event -> random.nextBoolean()).toList());
        Collections.shuffle(arriving, random);

        long version = 0;
        boolean online = false;
        for (StatusEvent event : arriving) {
            JsonObject data = event.data();
            if (data.getLong("version") > version) {
                version = data.getLong("version");
                online = event.scope() == Scope.DEVICE || data.getBoolean("online");
            }
        }
        assertThat(version).isEqualTo(told.after().version());
        assertThat(online).isEqualTo(told.after().online());
    }

    @Property
    void there_is_one_event_for_each_edge_and_none_without(@ForAll("flags") List<Integer> flags, @ForAll long seed) {
        List<Edge> edges = edges(flags);
        List<StatusEvent> events = record(edges, true, new Random(seed)).events();

        assertThat(events.stream().map(StatusEvent::edge)).containsExactlyElementsOf(edges);
    }

    @Property
    void a_user_comes_and_goes_in_turns(
            @ForAll("flags") List<Integer> flags, @ForAll boolean deviceEvents, @ForAll long seed) {
        List<Boolean> users = record(edges(flags), deviceEvents, new Random(seed)).events().stream()
                .filter(event -> event.scope() == Scope.USER)
                .map(event -> event.edge().online())
                .toList();

        for (int i = 0; i < users.size(); i++) {
            assertThat(users.get(i)).isEqualTo(i % 2 == 0);
        }
    }

    /** Each portion begins anywhere in what was recorded already. */
    private static Told record(List<Edge> edges, boolean deviceEvents, Random random) {
        UserPresence user = UserPresence.unknown(UID);
        List<StatusEvent> events = new ArrayList<>();
        int recorded = 0;
        while (recorded < edges.size()) {
            int from = random.nextInt(recorded + 1);
            int to = recorded + 1 + random.nextInt(edges.size() - recorded);
            Told told = user.tell(edges.subList(from, to), deviceEvents);
            user = told.after();
            events.addAll(told.events());
            recorded = to;
        }
        return new Told(user, events);
    }

    /** A flag comes if it was not there, and goes if it was. */
    private static List<Edge> edges(List<Integer> flags) {
        Map<Integer, Integer> devices = new HashMap<>();
        List<Edge> edges = new ArrayList<>();
        for (int flag : flags) {
            boolean online = devices.remove(flag) == null;
            if (online) {
                devices.put(flag, 1);
            }
            long version = 10L * (edges.size() + 1);
            Map<Integer, Integer> now =
                    devices.entrySet().stream().collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
            edges.add(new Edge(UID, version, online, flag, now, 1, 1, online ? "connect" : "close", version, version));
        }
        return edges;
    }
}
