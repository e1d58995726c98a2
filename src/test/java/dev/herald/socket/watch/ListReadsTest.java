package dev.herald.socket.watch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.presencelog.WatchLists.WatchList;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ListReadsTest {
    private final List<Set<String>> reads = new ArrayList<>();
    private final List<Promise<Map<String, WatchList>>> answers = new ArrayList<>();
    private final ListReads lists = new ListReads(asked -> {
        reads.add(Set.copyOf(asked.keySet()));
        Promise<Map<String, WatchList>> answer = Promise.promise();
        answers.add(answer);
        return answer.future();
    });

    @Test
    void who_asked_first_is_read_first_a_page_at_a_time() {
        lists.of("first", 0);
        List<String> others =
                IntStream.range(0, 2 * ListReads.MAX + 1).mapToObj(i -> "u" + i).toList();
        others.forEach(uid -> lists.of(uid, 0));
        for (int i = 0; i < 3; i++) {
            answers.get(i).complete(Map.of());
        }

        assertThat(reads)
                .containsExactly(
                        Set.of("first"),
                        Set.copyOf(others.subList(0, ListReads.MAX)),
                        Set.copyOf(others.subList(ListReads.MAX, 2 * ListReads.MAX)),
                        Set.of(others.getLast()));
    }

    @Test
    void each_is_told_its_own_list_or_that_there_is_nothing_new_and_a_failure_fails_its_page_only() {
        WatchList list = new WatchList(Set.of("a"), 7);
        Future<Optional<WatchList>> changed = lists.of("u1", 3);
        Future<Optional<WatchList>> failed = lists.of("u1", 3);
        Future<Optional<WatchList>> same = lists.of("u2", 3);

        answers.getFirst().complete(Map.of("u1", list));
        assertThat(changed.result()).contains(list);
        answers.getLast().fail("down");
        assertThat(failed.failed()).isTrue();
        assertThat(same.failed()).isTrue();
        Future<Optional<WatchList>> again = lists.of("u2", 3);
        answers.getLast().complete(Map.of());
        assertThat(again.result()).isEmpty();
    }
}
