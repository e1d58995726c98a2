package dev.herald.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

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

    private Future<String> take() {
        return bulkhead.run(() -> {
            Promise<String> work = Promise.promise();
            started.add(work);
            return work.future();
        });
    }
}
