package dev.herald.fanout.walk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.herald.fanout.Node;
import dev.herald.fanout.Trap;
import dev.herald.fanout.inbox.Pointer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What an outage of Redis leaves to be fanned out. */
@Timeout(180)
class BacklogIT {
    private static final int CHANNELS = 5;

    /** Of 8 KiB; the backlog of the first test has a thousand times as many rows as a claim has channels to step over. */
    private static final int FEW_PAGES = 1_000;

    @RegisterExtension
    final Node node = new Node();

    @Test
    void claiming_reads_some_pages_however_many_commands_a_channel_has_pending() {
        backlog(50_000);
        PendingCommands pending = node.pending(1);
        List<Claim> claims = node.call(() -> pending.claim(32, true)).claims();
        assertThat(claims).hasSize(CHANNELS);

        assertThat(pages(DueCommands.CLAIM, 2L, 5_000L, 1_000, 1L, 32, true, 0L, false))
                .as("while the first of each is being walked")
                .isLessThan(FEW_PAGES);
        Long[] ids = claims.stream().map(Claim::id).toArray(Long[]::new);
        String[] reached = claims.stream().map(claim -> claim.page().getLast()).toArray(String[]::new);
        Integer[] written = claims.stream().map(claim -> claim.page().size()).toArray(Integer[]::new);
        assertThat(pages(PendingCommands.FINISH, 1L, 5_000L, 1_000, 1L, ids, reached, written, true))
                .as("with sixteen to follow in each")
                .isLessThan(CHANNELS * FEW_PAGES);
        assertThat(node.isDone(ids[0])).isTrue();
    }

    @Test
    void one_of_few_channels_drains_to_its_end_and_lets_others_pass() {
        backlog(20_000);
        node.deploy(1);
        long other = node.command("somebody else");

        await().atMost(Duration.ofMinutes(2)).until(node::allDone);
        assertThat(node.sql("select from cmd where done_at > (select done_at from cmd where id = $1)", other))
                .isNotEmpty();
        assertThat(node.inbox(Node.uid(1)).stream()
                        .map(pointer -> Pointer.parse(pointer).commandId()))
                .as("the newest of each channel")
                .doesNotHaveDuplicates()
                .containsAll(
                        node.sql("select max(id) as id from cmd where channel is not null group by channel").stream()
                                .map(row -> row.getLong("id"))
                                .toList());
    }

    @Test
    void what_is_walked_together_comes_in_order_and_once() {
        long channel = node.channel("g1", 3);
        List<Long> commands = IntStream.range(0, 400)
                .mapToObj(i -> node.command(channel, 1))
                .sorted(Comparator.naturalOrder())
                .toList();
        node.deploy(1);
        node.deploy(2);

        await().atMost(Duration.ofSeconds(60)).until(node::allDone);
        String[] inOrder =
                Node.pointers(commands.stream().mapToLong(id -> id).toArray()).toArray(String[]::new);
        assertThat(node.inbox(Node.uid(2))).containsExactly(inOrder);
    }

    @Test
    void an_end_that_could_not_be_noted_waits_for_no_lease() {
        try (Node patient = new Node("commands.lease", "PT10M");
                Trap trap = new Trap(patient, Trap.Step.COMPLETION)) {
            long channel = patient.channel("g1", 3);
            long[] commands = IntStream.range(0, 20)
                    .mapToLong(i -> patient.command(channel, 1))
                    .toArray();
            patient.deploy(1);
            trap.awaitCatch();
            trap.drop();
            await().atMost(Duration.ofSeconds(30)).until(patient::allDone);
            assertThat(patient.inbox(Node.uid(1))).containsExactlyElementsOf(Node.pointers(commands));
        }
    }

    @Test
    void as_many_channels_as_there_is_room_for_wait_for_no_sweep() {
        try (Node rare = new Node("sweep", "PT1M")) {
            int channels = rare.config.commands().concurrency() - 1;
            for (int i = 0; i < channels; i++) {
                long channel = rare.channel("g" + i, 3);
                IntStream.range(0, 40).forEach(each -> rare.command(channel, 1));
            }
            rare.deploy(1);
            await().atMost(Duration.ofSeconds(30)).until(rare::allDone);
        }
    }

    /** Channel by channel, as a script that renames all groups writes it; and known to the planner. */
    private void backlog(int commands) {
        for (int i = 0; i < CHANNELS; i++) {
            node.channel("g" + i, 3);
        }
        node.sql("""
                insert into cmd
                    (channel_id, channel_type, from_uid, client_msg_no, payload, channel, revision, coalesce_key)
                select c.channel_id, c.channel_type, 'back', gen_random_uuid()::text, '\\x7b7d', c.pk, 1,
                    'channelUpdate:2:' || c.channel_id
                from channel c cross join generate_series(1, $1::integer / $2) i order by c.pk, i""", commands, CHANNELS);
        List.of("cmd", "member", "channel").forEach(table -> node.sql("analyze " + table));
    }

    /** What PostgreSQL counts while it does the statement. */
    private int pages(String statement, Object... values) {
        JsonObject plan = node.sql("explain (analyze, buffers, format json) " + statement, values)
                .getFirst()
                .get(JsonArray.class, 0)
                .getJsonObject(0)
                .getJsonObject("Plan");
        return plan.getInteger("Shared Hit Blocks") + plan.getInteger("Shared Read Blocks");
    }
}
