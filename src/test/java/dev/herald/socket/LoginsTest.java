package dev.herald.socket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LoginsTest {
    private final Logins logins = new Logins();
    private final List<Promise<Integer>> underWay = new ArrayList<>();

    @Test
    void runs_so_many_at_once_the_others_in_their_order_and_refuses_the_rest() {
        List<Future<Integer>> answers = new ArrayList<>();
        for (int i = 0; i < Logins.AT_ONCE + Logins.WAITING + 1; i++) {
            answers.add(logins.run(this::begin));
        }
        assertThat(underWay).hasSize(Logins.AT_ONCE);
        assertThat(HeraldException.failureOf(answers.getLast().cause())).isEqualTo(Failure.OVERLOADED);
        for (int i = 0; i < underWay.size(); i++) {
            underWay.get(i).complete(i);
        }
        assertThat(underWay).hasSize(Logins.AT_ONCE + Logins.WAITING);
        for (int i = 0; i < underWay.size(); i++) {
            assertThat(answers.get(i).result()).isEqualTo(i);
        }
        assertThat(logins.run(() -> Future.succeededFuture(7)).result()).isEqualTo(7);
    }

    @Test
    void one_that_fails_makes_room_like_any_other() {
        for (int i = 0; i < 3 * Logins.AT_ONCE; i++) {
            assertThat(logins.run(() -> {
                                throw new IllegalStateException("broken");
                            })
                            .failed())
                    .isTrue();
        }
        assertThat(logins.run(() -> Future.succeededFuture(7)).result()).isEqualTo(7);
    }

    private Future<Integer> begin() {
        Promise<Integer> promise = Promise.promise();
        underWay.add(promise);
        return promise.future();
    }
}
