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
    void work_that_throws_makes_room_like_a_failure() {
        assertThat(bulkhead.<String>run(() -> {
                            throw new IllegalStateException("broken");
                        })
                        .cause())
                .hasMessage("broken");
        take();
        take();
        assertThat(started).hasSize(2);
    }

    @Test
    void more_than_may_wait_is_refused() {
        Bulkhead narrow = new Bulkhead(1, 1);
        Promise<String> first = Promise.promise();
        narrow.run(first::future);
        Future<String> second = narrow.run(() -> Future.succeededFuture("b"));
        Future<String> third = narrow.run(() -> Future.succeededFuture("c"));
        assertThat(HeraldException.failureOf(third.cause())).isEqualTo(Failure.OVERLOADED);
        first.complete("a");
        assertThat(second.result()).isEqualTo("b");
    }

    private Future<String> take() {
        return bulkhead.run(() -> {
            Promise<String> work = Promise.promise();
            started.add(work);
            return work.future();
        });
    }
}
