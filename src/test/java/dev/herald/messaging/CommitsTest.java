package dev.herald.messaging;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.bus.message.MessagingMessage.MessageSent;
import dev.herald.bus.message.MessagingMessage.SendMessage;
import dev.herald.bus.message.SocketMessage;
import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import dev.herald.model.ChannelKey;
import dev.herald.model.Delivery.Header;
import dev.herald.model.Payload;
import dev.herald.model.Reason;
import io.vertx.core.Future;
import io.vertx.pgclient.PgException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class CommitsTest {
    private final List<Boolean> uncertain = new ArrayList<>();
    private int pauses;

    @Test
    void of_a_batch_that_is_refused_only_the_bad_message_fails() {
        List<Pending> batch = pending("a", "b", "bad", "c", "d");

        commit(batch, tried -> tried.stream().anyMatch(CommitsTest::isBad) ? refused() : answered(tried));

        assertThat(batch).filteredOn(CommitsTest::isBad).singleElement().satisfies(CommitsTest::failed);
        assertThat(batch).filteredOn(each -> !isBad(each)).hasSize(4).allSatisfy(each -> assertThat(
                        each.answer().future().succeeded())
                .isTrue());
        assertThat(uncertain).as("a refusal says that nothing was stored").doesNotContain(true);
    }

    @Test
    void a_repeat_that_another_node_was_storing_is_found_by_a_second_try() {
        List<Pending> batch = pending("a");

        commit(batch, tried -> uncertain.size() == 1 ? refused() : answered(tried));

        assertThat(batch.getFirst().answer().future().succeeded()).isTrue();
    }

    @Test
    void what_may_have_been_stored_is_tried_again_as_such() {
        List<Pending> batch = pending("a", "b");

        commit(batch, tried -> uncertain.size() < 3 ? Future.failedFuture("cut off") : answered(tried));

        assertThat(uncertain).containsExactly(false, true, true);
        assertThat(pauses).isEqualTo(2);
        assertThat(batch).allSatisfy(each -> assertThat(each.answer().future().succeeded())
                .isTrue());
    }

    @Test
    void a_sender_does_not_wait_for_ever() {
        List<Pending> batch = pending("a", "b");

        commit(batch, tried -> Future.failedFuture("cut off"));

        assertThat(uncertain).hasSize(1 + Commits.MAX_RETRIES);
        assertThat(batch).allSatisfy(CommitsTest::failed);
    }

    private interface Store {
        Future<Void> run(List<Pending> batch);
    }

    private void commit(List<Pending> batch, Store store) {
        Commits.Try once = (tried, again) -> {
            uncertain.add(again);
            return store.run(tried);
        };
        Commits commits = new Commits(once, () -> {
            pauses++;
            return Future.succeededFuture();
        });
        assertThat(commits.commit(batch).succeeded()).isTrue();
    }

    private static boolean isBad(Pending pending) {
        return pending.message().clientMsgNo().equals("bad");
    }

    private static Future<Void> refused() {
        return Future.failedFuture(new PgException("bad text", "ERROR", "22P05", ""));
    }

    private static Future<Void> answered(List<Pending> batch) {
        batch.forEach(each -> each.answer().complete(new MessageSent(Reason.SUCCESS, 1, 1)));
        return Future.succeededFuture();
    }

    private static void failed(Pending pending) {
        assertThat(pending.answer().future().failed()).isTrue();
        assertThat(HeraldException.failureOf(pending.answer().future().cause())).isEqualTo(Failure.UNAVAILABLE);
    }

    private static List<Pending> pending(String... numbers) {
        return Stream.of(numbers)
                .map(number -> Pending.of(new SendMessage(
                        "ann",
                        SocketMessage.NO_SESSION,
                        true,
                        ChannelKey.group("g"),
                        number,
                        Header.PLAIN,
                        0,
                        0,
                        "",
                        Payload.of("x"))))
                .toList();
    }
}
