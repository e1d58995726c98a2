package dev.herald.fanout;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(30)
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
        PendingCommands.Claimed claimed = node.call(() -> mine.claim(9, true));
        assertThat(ids(claimed)).containsExactly(first, last);
        assertThat(claimed.floor()).isEqualTo(first);
        assertThat(claim(others, 9)).as("not before its lease is over").isEmpty();

        node.sql("update cmd set created_at = now(), lease_until = now() where id = $1", broken);
        assertThat(claim(others, 9)).containsExactly(broken);
    }

    @Test
    void one_whose_end_is_refused_holds_up_no_others() {
        long channel = node.channel("g1", 1);
        long first = node.command(channel, 1);
        long next = node.command(channel, 1);
        long broken = node.command("u1");
        long last = node.command("u2");
        node.sql("""
                create function refuse() returns trigger language plpgsql as
                'begin raise exception ''refused''; end'""");
        node.sql(
                "create trigger refuse before update on cmd for each row when (new.done_at is not null and new.id = %d) execute function refuse()"
                        .formatted(broken));
        List<Claim> claims = node.call(() -> mine.claim(9, true)).claims();
        List<Optional<Claim>> followers = node.call(() -> {
            Finishes finishes = new Finishes(mine, () -> true);
            List<Future<Optional<Claim>>> notes =
                    claims.stream().map(finishes::note).toList();
            return Future.join(notes)
                    .transform(done -> Future.succeededFuture(notes.stream()
                            .filter(Future::succeeded)
                            .map(Future::result)
                            .toList()));
        });
        assertThat(followers).hasSize(2);
        assertThat(node.sql("select id from cmd where done_at is not null order by id"))
                .extracting(row -> row.getLong(0))
                .containsExactly(first, last);
        assertThat(node.isDone(next)).isFalse();
    }

    private static List<Long> ids(PendingCommands.Claimed claimed) {
        return claimed.claims().stream().map(Claim::id).toList();
    }

    private List<Long> claim(PendingCommands pending, int most) {
        return ids(node.call(() -> pending.claim(most, true)));
    }

    private long floor() {
        return node.call(() -> node.pending(9).claim(0, true)).floor();
    }
}
