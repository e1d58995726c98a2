package dev.herald.presence.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TurnsTest {
    private final Turns turns = new Turns();
    private final List<String> begun = new ArrayList<>();

    @Test
    void one_user_waits_and_another_does_not() {
        Promise<Void> first = begin("u1", "a");
        begin("u1", "b");
        begin("u2", "c");
        assertThat(begun).containsExactly("a", "c");

        first.complete();
        assertThat(begun).containsExactly("a", "c", "b");
    }

    @Test
    void a_failure_lets_the_next_one_run() {
        Promise<Void> first = begin("u1", "a");
        begin("u1", "b");

        first.fail("lost");

        assertThat(begun).containsExactly("a", "b");
    }

    @Test
    void a_user_is_forgotten_when_the_last_turn_is_over() {
        Promise<Void> first = begin("u1", "a");
        Promise<Void> second = begin("u1", "b");
        Future<Void> idle = turns.idle();

        first.complete();
        assertThat(turns.isBusy("u1")).isTrue();
        assertThat(idle.isComplete()).isFalse();

        second.fail("lost");
        assertThat(turns.isBusy("u1")).isFalse();
        assertThat(idle.succeeded()).isTrue();
    }

    private Promise<Void> begin(String uid, String name) {
        Promise<Void> end = Promise.promise();
        turns.run(uid, () -> {
            begun.add(name);
            return end.future();
        });
        return end;
    }
}
