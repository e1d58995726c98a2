package dev.herald.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BulkheadTest {
    private final Bulkhead bulkhead = new Bulkhead(2);
    private final List<Promise<String>> started = new ArrayList<>();

    @Test
    void lets_so_many_run_and_the_rest_wait_in_order() {
        Future<String> first = take();
        Future<String> second = take();
        Future<String> third = take();
        assertThat(started).hasSize(2);
        started.get(1).complete("b");
        assertThat(started).hasSize(3);
        assertThat(second.result()).isEqualTo("b");
        started.get(2).complete("c");
        started.get(0).complete("a");
        assertThat(first.result() + third.result()).isEqualTo("ac");
    }

    @Test
    void a_failure_makes_room_like_a_success() {
        Future<String> first = take();
        take();
        take();
        started.get(0).fail("broken");
        assertThat(first.cause()).hasMessage("broken");
        assertThat(started).hasSize(3);
    }

    @Test
    void a_throw_makes_room_like_any_failure() {
        for (int i = 0; i < 5; i++) {
            assertThat(bulkhead.run(() -> {
                                throw new IllegalStateException("broken");
                            })
                            .cause())
                    .hasMessage("broken");
        }
        take();
        assertThat(started).hasSize(1);
    }

    @Test
    void who_throws_when_told_keeps_no_place() {
        Bulkhead one = new Bulkhead(1);
        Promise<String> first = Promise.promise();
        one.run(first::future);
        one.run(() -> Future.failedFuture("refused")).onFailure(cause -> {
            throw new IllegalStateException("the listener's");
        });
        Future<String> third = one.run(() -> Future.succeededFuture("c"));
        try {
            first.complete("a");
        } catch (IllegalStateException e) {
            assertThat(e).hasMessage("the listener's");
        }
        assertThat(one.run(() -> Future.succeededFuture("d")).result()).isEqualTo("d");
        assertThat(third.isComplete()).isTrue();
    }

    @Test
    void refuses_at_once_what_may_not_wait_and_takes_more_when_some_of_it_has_begun() {
        Bulkhead bounded = new Bulkhead(1, 1);
        Promise<String> first = Promise.promise();
        bounded.run(first::future);
        Future<String> second = bounded.run(() -> Future.succeededFuture("b"));
        Future<String> refused = bounded.run(() -> Future.succeededFuture("c"));
        assertThat(HeraldException.failureOf(refused.cause())).isEqualTo(Failure.OVERLOADED);
        first.complete("a");
        assertThat(second.result()).isEqualTo("b");
        assertThat(bounded.run(() -> Future.succeededFuture("d")).result()).isEqualTo("d");
    }

    private Future<String> take() {
        return bulkhead.run(() -> {
            Promise<String> work = Promise.promise();
            started.add(work);
            return work.future();
        });
    }
}
