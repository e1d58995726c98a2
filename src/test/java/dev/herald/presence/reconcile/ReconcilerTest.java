package dev.herald.presence.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.bus.message.PresenceMessage.SessionInfo;
import dev.herald.presence.reconcile.Drift.Kind;
import dev.herald.presence.registry.Look;
import dev.herald.presence.registry.Look.Entry;
import dev.herald.presencelog.UserPresence;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** One difference each; that they are mended whatever they are, {@link ReconcilerProperties} shows. */
class ReconcilerTest {
    private static final long NOW = 1_000_000;
    private static final long PATIENCE = Look.PATIENCE_MS;
    private static final SessionInfo HERE = new SessionInfo(SessionInfo.id(1, 1), "u1", 0, false, "d");
    private static final Map<Integer, Long> ANNOUNCED = Map.of(0, 0L);

    private final Reconciler reconciler = new Reconciler("n1", Set.of("n1", "n2"), true);

    @Test
    void a_session_of_this_node_under_the_name_of_another_is_misplaced() {
        assertThat(compare(look(0, ANNOUNCED, entry("n2")), told(1))).containsExactly(Kind.MISPLACED_SESSION);
        assertThat(compare(look(0, ANNOUNCED, entry("n1")), told(1))).isEmpty();
    }

    @Test
    void a_device_is_unannounced_or_not_ended_where_registry_and_announcements_differ() {
        assertThat(compare(look(0, Map.of(), entry("n1")), told(1))).containsExactly(Kind.UNANNOUNCED_DEVICE);
        assertThat(compare(look(0, Map.of(0, 0L, 1, 0L), entry("n1")), told(2))).containsExactly(Kind.UNENDED_DEVICE);
    }

    @Test
    void a_hold_is_overdue_when_the_patience_with_it_is_over() {
        assertThat(found(look(0, Map.of(0, 0L, 1, NOW - PATIENCE), entry("n1")), told(2)))
                .isEmpty();
        assertThat(found(look(0, Map.of(0, 0L, 1, NOW - PATIENCE - 1), entry("n1")), told(2)))
                .singleElement()
                .satisfies(drift -> assertThat(drift.kind()).isEqualTo(Kind.OVERDUE_HOLD))
                .satisfies(drift -> assertThat(drift.detail()).isEqualTo("flag 1 for %d ms".formatted(PATIENCE + 1)));
    }

    @Test
    void an_edge_that_waits_is_unrecorded_when_the_patience_with_it_is_over() {
        assertThat(compare(look(NOW - PATIENCE, ANNOUNCED, entry("n1")), told(1)))
                .isEmpty();
        assertThat(compare(look(NOW - PATIENCE - 1, ANNOUNCED, entry("n1")), told(1)))
                .containsExactly(Kind.UNRECORDED_EDGE);
    }

    @Test
    void what_was_told_is_not_judged_while_an_edge_waits() {
        assertThat(compare(look(NOW - 1, ANNOUNCED, entry("n1")), UserPresence.unknown("u1")))
                .isEmpty();
        assertThat(compare(look(0, ANNOUNCED, entry("n1")), UserPresence.unknown("u1")))
                .containsExactly(Kind.UNTOLD_ONLINE);
    }

    @Test
    void that_a_device_is_there_is_said_by_a_node_with_its_socket() {
        Look elsewhere = look(0, ANNOUNCED, new Entry(HERE.id() + 1, 0, "n2"));
        assertThat(reconciler.compare(elsewhere, List.of(), UserPresence.unknown("u1")))
                .isEmpty();
        Look held = look(0, Map.of(0, NOW + 1));
        assertThat(reconciler.compare(held, List.of(), UserPresence.unknown("u1")))
                .extracting(Drift::kind)
                .containsExactly(Kind.UNTOLD_ONLINE);
    }

    @Test
    void a_registry_that_is_behind_what_was_told_of_somebody_online_gives_old_versions() {
        Look behind = new Look("u1", NOW, 7, 0, List.of(entry("n1")), ANNOUNCED);
        assertThat(compare(behind, told(1, 8))).containsExactly(Kind.OLD_VERSION);
        assertThat(compare(behind, told(1, 7))).isEmpty();
        Look offline = new Look("u1", NOW, 7, 0, List.of(), Map.of());
        assertThat(reconciler.compare(offline, List.of(), told(0, 8))).isEmpty();
    }

    private List<Kind> compare(Look look, UserPresence told) {
        return found(look, told).stream().map(Drift::kind).toList();
    }

    private List<Drift> found(Look look, UserPresence told) {
        return reconciler.compare(look, List.of(HERE), told);
    }

    private static Look look(long waiting, Map<Integer, Long> announced, Entry... entries) {
        return new Look("u1", NOW, NOW - 1, waiting, List.of(entries), announced);
    }

    private static Entry entry(String node) {
        return new Entry(HERE.id(), HERE.deviceFlag(), node);
    }

    /** So many device flags, from 0 on. */
    private static UserPresence told(int flags) {
        return told(flags, NOW - 1);
    }

    private static UserPresence told(int flags, long seen) {
        Map<Integer, Integer> devices = flags == 0 ? Map.of() : flags == 1 ? Map.of(0, 1) : Map.of(0, 1, 1, 1);
        return new UserPresence("u1", flags > 0, seen, seen, Instant.EPOCH, "", 1, devices);
    }
}
