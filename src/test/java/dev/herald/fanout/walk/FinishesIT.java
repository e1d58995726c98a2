package dev.herald.fanout.walk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.herald.fanout.Node;
import dev.herald.fanout.Trap;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(60)
class FinishesIT {
    @RegisterExtension
    final Node node = new Node();

    private final PendingCommands mine = node.pending(1);

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
            Finishes finishes = new Finishes(mine, Duration.ofMinutes(1), () -> true);
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

    @Test
    void an_end_that_could_not_be_noted_is_noted_with_the_one_that_follows() {
        long channel = node.channel("g1", 3);
        long first = node.command(channel, 1);
        long second = node.command(channel, 1);
        long third = node.command(channel, 1);
        List<Claim> head = node.call(() -> mine.claim(9, true)).claims();
        Claim run =
                Objects.requireNonNull(node.call(() -> mine.finish(head, true)).get(first));
        Finishes finishes = new Finishes(mine, Duration.ofMinutes(1), () -> false);
        Promise<Optional<Claim>> ended = Promise.promise();
        try (Trap trap = new Trap(node, Trap.Step.COMPLETION)) {
            node.call(() -> {
                finishes.note(run).onComplete(ended);
                return Future.succeededFuture();
            });
            trap.awaitCatch();
            trap.drop();
        }
        Promise<Optional<Claim>> followed = Promise.promise();
        node.call(() -> {
            finishes.note(Objects.requireNonNull(run.next())).onComplete(followed);
            return Future.succeededFuture();
        });
        await().until(() -> {
            node.call(() -> {
                finishes.noteGathered();
                return Future.succeededFuture();
            });
            return ended.future().succeeded() && followed.future().succeeded();
        });
        assertThat(node.sql("select id from cmd where done_at = (select max(done_at) from cmd) order by id"))
                .extracting(row -> row.getLong(0))
                .containsExactly(second, third);
    }
}
