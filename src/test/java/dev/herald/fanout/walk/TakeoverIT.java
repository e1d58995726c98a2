package dev.herald.fanout.walk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.herald.bus.message.SocketMessage.Place;
import dev.herald.fanout.Inbox;
import dev.herald.fanout.Node;
import dev.herald.fanout.inbox.InboxCalls.Run;
import dev.herald.fanout.inbox.Inboxes;
import dev.herald.fanout.inbox.Pointer;
import dev.herald.redis.UserKeys;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A node that freezes or dies at any step of a fan-out, and what the next one makes of it. */
@Timeout(60)
class TakeoverIT {
    private static final int MEMBERS = 50;

    @RegisterExtension
    final Node node = new Node("page", "20", "sweep", "PT0.05S", "commands.lease", "PT0.4S");

    /** Claim, append and note three pages: the first node takes so many of these seven steps and freezes. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7})
    void another_node_goes_on_where_one_froze_and_the_one_that_wakes_up_doubles_nothing(int steps) {
        long channel = node.channel("g1", MEMBERS);
        long first = node.command(channel, 1);
        long second = node.command(channel, 1);
        PendingCommands frozen = node.pending(1);
        Optional<Claim> left = walk(frozen, first, steps);

        node.deploy(2);
        await().until(node::allDone);
        assertThat(everybody().values()).hasSize(MEMBERS).allMatch(Node.pointers(first, second)::equals);

        left.ifPresent(claim -> {
            node.call(() -> node.appends().append(claim));
            assertThat(node.call(() -> frozen.advance(claim))).isEmpty();
            node.call(() -> frozen.finish(List.of(claim), true));
        });
        assertThat(everybody().values()).allMatch(Node.pointers(first, second)::equals);
    }

    @Test
    void a_page_that_waited_beyond_its_lease_is_not_written() {
        node.command("u1");
        Claim claim = node.call(() -> node.pending(1).claim(1, true)).claims().getFirst();
        Claim late =
                claim.at(claim.page(), claim.leasedAt() - Duration.ofHours(1).toNanos());
        assertThat(node.call(() -> node.appends().append(late).otherwise(Map.<Long, List<Place>>of())))
                .isEmpty();
        assertThat(node.inbox("u1")).isEmpty();
    }

    @Test
    void a_page_that_found_a_new_epoch_is_not_written() {
        node.command("u1");
        Claim claim = node.call(() -> node.pending(1).claim(1, true)).claims().getFirst();
        node.redis(Command.FLUSHDB);
        assertThat(node.call(() -> node.appends().append(claim).otherwise(Map.<Long, List<Place>>of())))
                .isEmpty();
        assertThat(node.epoch.number()).isEqualTo(2);
        assertThat(node.inbox("u1")).as("it begins again in that").isEmpty();
        Claim again = node.call(() -> node.pending(1).claim(1, true)).claims().getFirst();
        node.call(() -> node.appends().append(again));
        assertThat(node.inbox("u1")).hasSize(1);
    }

    @Test
    void a_page_whose_lease_ran_out_while_its_inboxes_were_rebuilt_is_not_written() {
        node.command("u1");
        Claim claim = node.call(() -> node.pending(1).claim(1, true)).claims().getFirst();
        List<String> rounds = new ArrayList<>();
        Throwable refused = node.call(() -> node.calls()
                .evalEach(Appends.APPEND, List.of(Run.of("u1", claim.id(), "", Inboxes.LOOK_BACK, 100, 0)), () -> {
                    rounds.add("round");
                    return rounds.size() == 1 ? Future.succeededFuture() : Future.failedFuture("ran out");
                })
                .transform(done -> Future.succeededFuture(done.cause())));
        assertThat(refused).hasMessage("ran out");
        assertThat(node.redis(Command.HGET, UserKeys.cursors("u1"), "epoch")).hasToString("1");
        assertThat(node.inbox("u1")).isEmpty();
    }

    @Test
    void a_stopping_node_leaves_its_work_to_the_others_at_once() {
        try (Node slow = new Node("page", "10", "commands.lease", "PT1H", "sweep", "PT0.05S")) {
            long command = slow.command(slow.channel("g1", 3_000), 1);
            String leaving = slow.deploy(1);
            await().until(() -> !slow.inbox(Node.uid(1)).isEmpty());
            slow.undeploy(leaving);
            assertThat(slow.isDone(command)).isFalse();
            assertThat(slow.sql("select lease_until from cmd").getFirst().getValue(0))
                    .isNull();

            slow.deploy(2);
            await().atMost(Duration.ofSeconds(30)).until(slow::allDone);
            Map<String, List<String>> inboxes = slow.inboxes(
                    IntStream.rangeClosed(1, 3_000).mapToObj(Node::uid).toList());
            assertThat(inboxes.values()).hasSize(3_000).allMatch(Node.pointers(command)::equals);
        }
    }

    @Test
    void two_nodes_share_the_work_without_doubles_and_keep_the_order_of_each_channel() {
        List<Long> channels = IntStream.range(0, 20)
                .mapToObj(i -> node.channel("g" + i, MEMBERS))
                .toList();
        List<List<Long>> commands = new ArrayList<>();
        channels.forEach(channel -> commands.add(new ArrayList<>()));
        for (int i = 0; i < 200; i++) {
            commands.get(i % 20).add(node.command(channels.get(i % 20), 1));
        }
        node.deploy(1);
        node.deploy(2);
        await().atMost(Duration.ofSeconds(30)).until(node::allDone);

        everybody().forEach((uid, inbox) -> {
            List<Long> ids =
                    inbox.stream().map(Pointer::parse).map(Pointer::commandId).toList();
            assertThat(ids).hasSize(200).doesNotHaveDuplicates();
            commands.forEach(ofChannel -> assertThat(ids.stream().filter(new HashSet<>(ofChannel)::contains))
                    .isSortedAccordingTo(Comparator.naturalOrder()));
        });
        assertThat(node.sql("select lease_owner, sum(written) from cmd group by lease_owner order by 1"))
                .hasSize(2)
                .allMatch(row -> row.getLong(1) > 0)
                .satisfies(rows -> assertThat(
                                rows.stream().mapToLong(row -> row.getLong(1)).sum())
                        .isEqualTo(200L * MEMBERS));
    }

    @Test
    void a_repeat_is_found_among_many_later_entries() {
        List<String> uids = List.of("u1");
        long repeated = 5;
        append(repeated, uids);
        LongStream.rangeClosed(100, 1_000).forEach(id -> append(id, uids));
        Map<Long, List<Place>> again = append(repeated, uids);
        assertThat(again).isEmpty();
        assertThat(node.inbox("u1")).hasSize(902).startsWith("1:5", "2:100").endsWith("902:1000");
    }

    private Map<Long, List<Place>> append(long id, List<String> uids) {
        return node.call(() -> node.appends().append(Inbox.claim(id, uids)));
    }

    private Optional<Claim> walk(PendingCommands pending, long command, int steps) {
        Optional<Claim> claim = Optional.empty();
        for (int step = 0; step < steps; step++) {
            if (step == 0) {
                claim = Optional.of(
                        node.call(() -> pending.claim(1, true)).claims().getFirst());
                assertThat(claim.get().id()).isEqualTo(command);
                continue;
            }
            Claim current = claim.orElseThrow();
            if (step % 2 == 1) {
                node.call(() -> node.appends().append(current));
            } else if (!pending.isLast(current)) {
                claim = node.call(() -> pending.advance(current));
            } else {
                node.call(() -> pending.finish(List.of(current), false));
            }
        }
        return claim;
    }

    private Map<String, List<String>> everybody() {
        return node.inboxes(
                IntStream.rangeClosed(1, MEMBERS).mapToObj(Node::uid).toList());
    }
}
