package dev.herald.fanout.walk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.command.Audience;
import dev.herald.command.CommandLog;
import dev.herald.command.NewCommand;
import dev.herald.fanout.Node;
import dev.herald.it.Blocked;
import dev.herald.it.Sql;
import dev.herald.model.ChannelKey;
import dev.herald.model.Payload;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.redis.client.Command;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(60)
class PendingCommandsIT {
    @RegisterExtension
    final Node node = new Node("page", "2");

    private final PendingCommands mine = node.pending(1);
    private final PendingCommands others = node.pending(2);

    @Test
    void claims_the_oldest_and_nothing_twice() {
        long[] commands = LongStream.range(0, 5).map(i -> node.command("u1")).toArray();
        assertThat(claim(mine, 2)).containsExactly(commands[0], commands[1]);
        assertThat(claim(others, 2)).containsExactly(commands[2], commands[3]);
        assertThat(claim(mine, 9)).containsExactly(commands[4]);
        assertThat(claim(others, 9)).isEmpty();
    }

    @Test
    void walks_over_users_page_by_page_and_again_after_a_loss() {
        List<String> uids = List.of("e", "B", "\uffee", "a", "e", "\ud83d\ude00");
        long inOrder = node.call(() -> CommandLog.append(
                node.pg.statements(),
                new NewCommand(new ChannelKey("direct", 8), "back", "1", Payload.of("{}"), new Audience.Users(uids))));
        assertThat(pages(inOrder)).containsExactly("B", "a", "e", "\uffee", "\ud83d\ude00");
        long asOfBefore = node.command(uids.toArray(String[]::new));
        assertThat(pages(asOfBefore)).containsExactly("B", "a", "e", "\uffee", "\ud83d\ude00");
    }

    @Test
    void claims_one_command_of_each_channel() {
        long g1 = node.channel("g1", 1);
        long g2 = node.channel("g2", 1);
        long first = node.command(g1, 1);
        node.command(g1, 1);
        long second = node.command(g2, 1);
        node.command(g2, 1);
        assertThat(claim(mine, 9)).containsExactly(first, second);
        assertThat(claim(others, 9)).isEmpty();
    }

    @Test
    void follows_a_finished_command_with_the_next_of_its_channel() {
        long channel = node.channel("g1", 1);
        long first = node.command(channel, 1);
        long second = node.command(channel, 1);
        Claim claim = node.call(() -> mine.claim(9, true)).claims().getFirst();
        Map<Long, Claim> next = node.call(() -> mine.finish(List.of(claim), true));
        assertThat(next).containsOnlyKeys(first);
        assertThat(next.get(first).id()).isEqualTo(second);
        assertThat(next.get(first).page()).containsExactly(Node.uid(1));
        assertThat(claim(others, 9)).isEmpty();
        assertThat(node.call(() -> mine.finish(List.of(next.get(first)), true))).isEmpty();
    }

    @Test
    void of_a_small_channel_several_follow_together() {
        try (Node usual = new Node()) {
            PendingCommands pending = usual.pending(1);
            long small = usual.channel("g1", 3);
            long large = usual.channel("g2", 125);
            long[] few =
                    LongStream.range(0, 20).map(i -> usual.command(small, 1)).toArray();
            long[] many =
                    LongStream.range(0, 3).map(i -> usual.command(large, 1)).toArray();
            List<Claim> first = usual.call(() -> pending.claim(9, true)).claims();
            assertThat(first).extracting(Claim::id).containsExactly(few[0], many[0]);
            Map<Long, Claim> next = usual.call(() -> pending.finish(first, true));

            assertThat(run(next.get(few[0]))).containsExactlyElementsOf(ids(few).subList(1, 17));
            assertThat(run(next.get(many[0]))).containsExactly(many[1]);
            assertThat(ids(usual.call(() -> usual.pending(2).claim(9, true)))).isEmpty();
            assertThat(usual.call(() -> pending.finish(List.of(next.get(few[0])), true)))
                    .as("what is claimed already")
                    .isEmpty();
        }
    }

    @Test
    void of_long_ones_no_more_follow_together_than_fit() {
        try (Node usual = new Node()) {
            PendingCommands pending = usual.pending(1);
            long channel = usual.channel("g1", 3);
            long[] commands =
                    LongStream.range(0, 6).map(i -> usual.command(channel, 1)).toArray();
            usual.sql("update cmd set payload = convert_to(repeat('x', 30000), 'UTF8')");
            List<Claim> first = usual.call(() -> pending.claim(9, true)).claims();
            Map<Long, Claim> next = usual.call(() -> pending.finish(first, true));
            assertThat(run(next.get(commands[0])))
                    .containsExactlyElementsOf(ids(commands).subList(1, 4));

            usual.sql("update cmd set payload = convert_to(repeat('x', 700000), 'UTF8')");
            Map<Long, Claim> last = usual.call(() -> pending.finish(claims(next.get(commands[0])), true));
            assertThat(run(last.get(commands[3]))).containsExactly(commands[4]);
        }
    }

    @Test
    void several_follow_together_beside_an_older_command_of_another_channel() {
        try (Node usual = new Node()) {
            PendingCommands pending = usual.pending(1);
            long small = usual.channel("g1", 3);
            long large = usual.channel("g2", 125);
            long older = usual.command(large, 1);
            long first = usual.command(small, 1);
            long second = usual.command(small, 1);
            List<Claim> claims = usual.call(() -> pending.claim(9, true)).claims();
            assertThat(claims).extracting(Claim::id).containsExactly(older, first);
            assertThat(run(usual.call(() -> pending.finish(List.of(claims.getLast()), true))
                            .get(first)))
                    .containsExactly(second);
        }
    }

    @Test
    void channels_take_turns() {
        List<Long> channels = LongStream.rangeClosed(1, 3)
                .mapToObj(i -> node.channel("g" + i, 1))
                .toList();
        long[] first = channels.stream().mapToLong(pk -> node.command(pk, 1)).toArray();
        long[] second = channels.stream().mapToLong(pk -> node.command(pk, 1)).toArray();
        List<Long> order = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            List<Claim> claims = node.call(() -> mine.claim(1, true)).claims();
            order.addAll(claims.stream().map(Claim::id).toList());
            node.call(() -> mine.finish(claims, false));
        }
        assertThat(order).containsExactly(first[0], first[1], first[2], second[0], second[1], second[2]);
    }

    @Test
    void looks_at_so_many_channels_at_once_and_then_at_the_next() {
        node.sql(
                "insert into channel (channel_id, channel_type, revision) select 'g' || i, 2, 1 from generate_series(1, $1) i",
                DueCommands.MOST_LOOKED_AT + 10);
        node.sql("""
                insert into cmd (channel_id, channel_type, from_uid, client_msg_no, payload, channel, revision)
                select channel_id, channel_type, 'back', channel_id, '\\x7b7d', pk, 1 from channel order by pk""");
        node.sql("update cmd set epoch = 1, lease_until = now() + interval '1 hour'");
        long[] free = node
                .sql("update cmd set lease_until = null where id in"
                        + " (select id from cmd order by id desc limit 2) returning id")
                .stream()
                .mapToLong(row -> row.getLong(0))
                .sorted()
                .toArray();
        assertThat(claim(mine, 9)).isEmpty();
        assertThat(claim(mine, 9)).containsExactly(free[0], free[1]);
        node.sql("update cmd set lease_until = null");
        assertThat(claim(mine, 9)).as("from the first again").hasSize(9);
    }

    @Test
    void a_command_to_users_has_its_turn_beside_the_channels() {
        for (int i = 0; i < 9; i++) {
            node.command(node.channel("g" + i, 1), 1);
        }
        long one = node.command("u1");
        assertThat(claim(mine, 2)).hasSize(2).contains(one);
    }

    @Test
    void a_backlog_to_users_holds_up_no_channel() {
        List<Long> channels = LongStream.rangeClosed(1, 3)
                .mapToObj(i -> node.channel("g" + i, 1))
                .toList();
        channels.forEach(channel -> node.command(channel, 1));
        LongStream.range(0, 50).forEach(i -> node.command("u1"));
        LongStream.range(0, 4).forEach(i -> claim(mine, 2));
        node.sql("update cmd set done_at = now() where channel is not null");
        long again = node.command(channels.getFirst(), 1);
        assertThat(claim(mine, 2)).contains(again);
    }

    @Test
    void users_and_channels_take_turns_where_there_is_room_for_one() {
        LongStream.range(0, 5).forEach(i -> node.command("u1"));
        long ofChannel = node.command(node.channel("g1", 1), 1);
        assertThat(claim(mine, 1)).doesNotContain(ofChannel);
        assertThat(claim(mine, 1)).containsExactly(ofChannel);
    }

    @Test
    void tells_the_lowest_id_that_may_still_be_appended() {
        assertThat(floor()).isZero();
        long first = node.command("u1");
        long second = node.command("u1");
        Claim claim = node.call(() -> mine.claim(1, true)).claims().getFirst();
        assertThat(floor()).isEqualTo(first);
        node.call(() -> mine.finish(List.of(claim), false));
        assertThat(floor()).isEqualTo(second);
        node.sql("update cmd set done_at = now()");
        assertThat(floor()).isEqualTo(second + 1);
    }

    @Test
    void a_lease_that_was_taken_over_is_neither_renewed_nor_finished() {
        long command = node.command("u1", "u2", "u3");
        Claim claim = node.call(() -> mine.claim(1, true)).claims().getFirst();
        node.sql("update cmd set lease_until = now()");
        assertThat(claim(others, 1)).containsExactly(command);
        assertThat(node.call(() -> mine.advance(claim))).isEmpty();
        node.call(() -> mine.finish(List.of(claim), true));
        assertThat(node.isDone(command)).isFalse();
    }

    @Test
    void an_earlier_walk_of_the_same_node_sets_nothing_back_and_counts_nobody_twice() {
        long command = node.command("u1", "u2", "u3", "u4", "u5");
        Claim first = node.call(() -> mine.claim(1, true)).claims().getFirst();
        Claim second = node.call(() -> mine.advance(first)).orElseThrow();
        Claim last = node.call(() -> mine.advance(second)).orElseThrow();
        assertThat(node.call(() -> mine.advance(first))).isEmpty();
        assertThat(node.call(() -> mine.pause(second))).isEmpty();
        assertThat(progress(command)).isEqualTo("u4 4");
        node.call(() -> mine.finish(List.of(second), false));
        assertThat(progress(command)).isEqualTo("u4 4");
        node.sql("update cmd set done_at = null");
        node.call(() -> mine.finish(List.of(last), false));
        assertThat(progress(command)).isEqualTo("u5 5");
    }

    @Test
    void an_epoch_begins_without_a_touch_of_what_is_pending_and_all_of_that_begins_again() {
        long begun = node.command("u1", "u2", "u3");
        Claim before = node.call(() -> mine.claim(1, true)).claims().getFirst();
        node.call(() -> mine.advance(before));
        node.commands("u4", 3);
        Blocked held = Blocked.by(node.pg, "select from cmd for update");
        node.redis(Command.FLUSHDB);
        node.call(() -> node.epoch.check(node.redis));
        assertThat(node.epoch.number()).isEqualTo(2);
        held.end();

        assertThat(node.call(() -> mine.advance(before))).isEmpty();
        Claim again = node.call(() -> others.claim(1, false)).claims().getFirst();
        assertThat(again.id()).isEqualTo(begun);
        assertThat(again.page()).containsExactly("u1", "u2");
        assertThat(progress(begun)).isEqualTo(" 0");
    }

    /** Else an inbox could be rebuilt in the new epoch without a command of which the old one says that it is done. */
    @Test
    void what_is_to_be_noted_while_an_epoch_begins_is_not_noted() {
        long command = node.command("u1");
        Claim claim = node.call(() -> mine.claim(1, true)).claims().getFirst();
        Promise<Map<Long, Claim>> noted = Promise.promise();
        try (Blocked beginning = Blocked.by(node.pg, "update redis_epoch set number = number + 1")) {
            node.call(() -> {
                mine.finish(List.of(claim), false).onComplete(noted);
                return Future.succeededFuture();
            });
            beginning.awaitWaiting(1, noted.future());
        }
        Sql.await(noted.future());
        assertThat(node.isDone(command)).isFalse();
    }

    @Test
    void who_does_not_know_that_redis_was_lost_notes_nothing_until_it_does() {
        long before = node.command("u1", "u2", "u3");
        Claim claim = node.call(() -> mine.claim(1, true)).claims().getFirst();
        node.sql("update redis_epoch set number = number + 1");
        assertThat(node.call(() -> mine.advance(claim))).isEmpty();
        node.call(() -> mine.pause(claim));
        node.call(() -> mine.finish(List.of(claim), true));
        node.sql("update cmd set lease_until = now()");
        assertThat(claim(mine, 9)).isEmpty();

        node.redis(Command.SET, "herald:epoch", 2);
        node.call(() -> node.epoch.check(node.redis));
        Claim known = node.call(() -> mine.claim(1, true)).claims().getFirst();
        assertThat(known.id()).isEqualTo(before);
        assertThat(known.page()).containsExactly("u1", "u2");
    }

    @Test
    void one_that_cannot_be_read_holds_up_no_others() {
        long first = node.command("u1");
        long broken = node.command("u1");
        long last = node.command("u1");
        node.sql("update cmd set created_at = 'infinity' where id = $1", broken);
        DueCommands.Claimed claimed = node.call(() -> mine.claim(9, true));
        assertThat(ids(claimed)).containsExactly(first, last);
        assertThat(claimed.floor()).isEqualTo(first);
        assertThat(claim(others, 9)).as("not before its lease is over").isEmpty();

        node.sql("update cmd set created_at = now(), lease_until = now() where id = $1", broken);
        assertThat(claim(others, 9)).containsExactly(broken);
    }

    /** Two nodes share them, and after a while an epoch begins. */
    private List<String> pages(long command) {
        node.call(() -> node.pending(3).claim(1, true).compose(claimed -> node.pending(3)
                .advance(claimed.claims().getFirst())));
        node.redis(Command.FLUSHDB);
        node.call(() -> node.epoch.check(node.redis));
        List<String> all = new ArrayList<>();
        for (PendingCommands each : List.of(mine, others, mine)) {
            Claim claim = node.call(() -> each.claim(1, true)).claims().getFirst();
            assertThat(claim.id()).isEqualTo(command);
            all.addAll(claim.page());
            if (each.isLast(claim)) {
                node.call(() -> each.finish(List.of(claim), false));
            } else {
                node.call(() -> each.pause(claim));
            }
        }
        assertThat(node.sql("select written from cmd where id = $1 and done_at is not null", command))
                .extracting(row -> row.getInteger(0))
                .containsExactly(all.size());
        return all;
    }

    private String progress(long command) {
        return node.sql("select reached || ' ' || written from cmd where id = $1", command)
                .getFirst()
                .getString(0);
    }

    private static List<Long> run(Claim first) {
        return claims(first).stream().map(Claim::id).toList();
    }

    private static List<Claim> claims(Claim first) {
        return Stream.iterate(first, claim -> claim != null, Claim::next).toList();
    }

    private static List<Long> ids(long... ids) {
        return LongStream.of(ids).boxed().toList();
    }

    private static List<Long> ids(DueCommands.Claimed claimed) {
        return claimed.claims().stream().map(Claim::id).toList();
    }

    private List<Long> claim(PendingCommands pending, int most) {
        return ids(node.call(() -> pending.claim(most, true)));
    }

    private long floor() {
        return node.call(() -> node.pending(9).claim(0, true)).floor();
    }
}
