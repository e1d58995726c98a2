package dev.herald.api.presence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.api.ApiServer;
import dev.herald.api.ApiServer.Answer;
import dev.herald.it.Sql;
import dev.herald.presencelog.DriftLog;
import dev.herald.presencelog.DriftLog.Found;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class DriftRouteIT {
    @RegisterExtension
    static final ApiServer server = ApiServer.of(Map.of());

    @Test
    void shows_what_was_found_and_done() {
        long before = System.currentTimeMillis() - 60_000;
        found(new Found("ghost_session", "u1", "align", 1_500, "session 9"));
        found(new Found("told_online", "u2", "adopt", -1, "version 3"));

        List<JsonObject> drift = drift(list("")).toList();

        assertThat(drift).hasSize(2);
        assertThat(drift.getLast().getLong("found_at")).isBetween(before, System.currentTimeMillis() + 60_000);
        assertThat(drift.getFirst().getValue("age_ms", "absent")).isNull();
        assertThat(without(drift.getLast(), "id", "found_at")).isEqualTo(new JsonObject("""
                {"kind":"ghost_session","uid":"u1","node":7,"repair":"align","age_ms":1500,"detail":"session 9"}"""));
    }

    @Test
    void lists_page_by_page_the_newest_first() {
        for (int i = 1; i <= 5; i++) {
            found(new Found(i % 2 == 0 ? "old_version" : "overdue_hold", "u" + i, "settle", 1, ""));
        }

        Answer first = list("?limit=2");
        Answer second = list("?limit=3&after=" + last(first));
        assertThat(uids(first)).containsExactly("u5", "u4");
        assertThat(more(first)).isEqualTo(1);
        assertThat(uids(second)).containsExactly("u3", "u2", "u1");
        Answer third = list("?limit=3&after=" + last(second));
        assertThat(uids(third)).isEmpty();
        assertThat(more(third)).isZero();

        Answer oneKind = list("?kind=overdue_hold&limit=2");
        assertThat(uids(oneKind)).containsExactly("u5", "u3");
        assertThat(uids(list("?kind=overdue_hold&limit=2&after=" + last(oneKind))))
                .containsExactly("u1");
        assertThat(uids(list("?kind=told_online"))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "after=x     | after: must be an integer from 0 to",
                "limit=1001  | limit: must be an integer from 1 to 1000",
                "kind=ghosts | kind: ",
            })
    void refuses_by_name_what_it_cannot_look_for(String query, String text) {
        assertThat(list("?" + query).problem()).startsWith("400 " + text);
    }

    private static void found(Found found) {
        Sql.await(DriftLog.add(server.pg.statements(), 7, List.of(found)));
    }

    private static Answer list(String query) {
        return server.get("/presence/drift" + query);
    }

    private static Stream<JsonObject> drift(Answer answer) {
        return answer.data().getJsonArray("drift").stream().map(JsonObject.class::cast);
    }

    private static List<String> uids(Answer answer) {
        return drift(answer).map(found -> found.getString("uid")).toList();
    }

    private static long last(Answer answer) {
        return drift(answer).toList().getLast().getLong("id");
    }

    private static int more(Answer answer) {
        return answer.data().getInteger("more");
    }

    private static JsonObject without(JsonObject json, String... names) {
        JsonObject rest = json.copy();
        Stream.of(names).forEach(rest::remove);
        return rest;
    }
}
