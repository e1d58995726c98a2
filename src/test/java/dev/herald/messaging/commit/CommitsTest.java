package dev.herald.messaging.commit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.bus.message.MessagingMessage.MessageSent;
import dev.herald.bus.message.MessagingMessage.SendMessage;
import dev.herald.bus.message.SocketMessage;
import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import dev.herald.messaging.judge.Busy;
import dev.herald.messaging.judge.Pending;
import dev.herald.model.ChannelKey;
import dev.herald.model.Delivery.Header;
import dev.herald.model.Payload;
import dev.herald.model.Reason;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.pgclient.PgException;
import java.net.ConnectException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class CommitsTest {
    private static final ChannelKey BUSY = ChannelKey.group("busy");

    private final List<Boolean> uncertain = new ArrayList<>();
    private int pauses;
    private int untold;

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
        assertThat(batch).allSatisfy(each -> failed(each, Failure.TIMEOUT));
        assertThat(untold).as("looks for what may be stored").isEqualTo(1 + Commits.MAX_RETRIES);
    }

    @Test
    void a_sender_is_told_for_certain_what_was_never_asked_of_the_database() {
        List<Pending> batch = pending("a", "b");

        commit(batch, tried -> Future.failedFuture(new ConnectException("refused")));

        assertThat(uncertain).hasSize(1 + Commits.MAX_RETRIES).doesNotContain(true);
        assertThat(batch).allSatisfy(CommitsTest::failed);
        assertThat(untold).isZero();
    }

    @Test
    void a_busy_channel_does_not_make_certain_what_was_not() {
        long longAgo = System.nanoTime() - Commits.PATIENCE.plusSeconds(1).toNanos();
        Pending overdue = pending("a", 7, BUSY, longAgo);

        commit(List.of(overdue), tried -> uncertain.size() == 1 ? Future.failedFuture("cut off") : unlessBusy(tried));

        failed(overdue, Failure.TIMEOUT);
        assertThat(untold).isEqualTo(1);
    }

    @Test
    void what_a_busy_channel_stops_is_left_to_the_caller_and_the_rest_is_stored() {
        Pending toBusy = pending("a", 7, BUSY, System.nanoTime());
        Pending sameSession = pending("b", 7, ChannelKey.group("g"), System.nanoTime());
        Pending other = pending("c", 8, ChannelKey.group("g"), System.nanoTime());

        Set<ChannelKey> busy = commit(List.of(sameSession, toBusy, other), CommitsTest::unlessBusy);

        assertThat(busy).containsExactly(BUSY);
        assertThat(other.answer().future().succeeded()).isTrue();
        assertThat(List.of(toBusy, sameSession))
                .noneMatch(each -> each.answer().future().isComplete());
        assertThat(uncertain).doesNotContain(true);
        assertThat(pauses).isZero();
    }

    /** Then nobody is asked who holds what. */
    @Test
    void a_channel_whose_members_are_being_read_is_one_too() {
        ChannelKey large = ChannelKey.group("large");
        Pending toLarge = pending("a", 7, large, System.nanoTime());
        Pending other = pending("c", 8, ChannelKey.group("g"), System.nanoTime());

        Set<ChannelKey> busy = commit(
                List.of(toLarge, other),
                tried -> tried.contains(toLarge) ? Future.failedFuture(new Busy(Set.of(large))) : answered(tried));

        assertThat(busy).containsExactly(large);
        assertThat(other.answer().future().succeeded()).isTrue();
        assertThat(toLarge.answer().future().isComplete()).isFalse();
    }

    @Test
    void nobody_waits_for_a_busy_channel_for_ever() {
        long longAgo = System.nanoTime() - Commits.PATIENCE.plusSeconds(1).toNanos();
        Pending overdue = pending("a", 7, BUSY, longAgo);
        Pending fresh = pending("b", 7, BUSY, System.nanoTime());

        commit(List.of(overdue, fresh), CommitsTest::unlessBusy);

        failed(overdue);
        assertThat(fresh.answer().future().isComplete()).isFalse();
    }

    private static Future<Void> unlessBusy(List<Pending> batch) {
        return batch.stream().anyMatch(each -> each.stored().equals(BUSY))
                ? Future.failedFuture(new PgException("lock timeout", "ERROR", "55P03", ""))
                : answered(batch);
    }

    private static Pending pending(String number, long session, ChannelKey channel, long since) {
        SendMessage message =
                new SendMessage("ann", session, true, channel, number, Header.PLAIN, 0, 0, "", Payload.of("x"));
        return new Pending(message, channel, Promise.promise(), since);
    }

    private interface Store {
        Future<Void> run(List<Pending> batch);
    }

    private Set<ChannelKey> commit(List<Pending> batch, Store store) {
        Commits.Try once = (tried, again) -> {
            uncertain.add(again);
            return store.run(tried);
        };
        Commits commits = new Commits(
                once,
                asked -> Future.succeededFuture(Set.of(BUSY)),
                () -> {
                    pauses++;
                    return Future.succeededFuture();
                },
                () -> untold++);
        Future<Set<ChannelKey>> busy = commits.commit(batch);
        assertThat(busy.succeeded()).isTrue();
        return busy.result();
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
        failed(pending, Failure.UNAVAILABLE);
    }

    private static void failed(Pending pending, Failure failure) {
        assertThat(pending.answer().future().failed()).isTrue();
        assertThat(HeraldException.failureOf(pending.answer().future().cause())).isEqualTo(failure);
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
