package dev.herald.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.api.ApiServer.Answer;
import dev.herald.api.http.Documented;
import dev.herald.eventlog.LoggedEvent;
import dev.herald.it.Sql;
import dev.herald.it.Stores;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whoever only asks makes PostgreSQL read no table whole that grows with users, channels or time: it counts that itself. */
@Timeout(120)
class ScansIT {
    /** Every route that asks, about what is there: method, path and body. */
    private static final String ASKED = """
            GET /channel/info?channel_id=g1&channel_type=2
            GET /channel/subscribers?channel_id=g1&channel_type=2&limit=1
            GET /channel/blacklist?channel_id=g1&channel_type=2
            GET /channel/whitelist?channel_id=g1&channel_type=2
            POST /channel/changes {"channels":[{"channel_id":"g1","channel_type":2,"revision":0}]}
            GET /cmd/COMMAND
            GET /cmd/COMMAND?uid=u1
            GET /trace/COMMAND
            GET /trace/MESSAGE
            GET /channel/max_message_seq?channel_id=g1&channel_type=2&login_uid=u1
            GET /channel/last_message?channel_id=g1&channel_type=2&login_uid=u1
            GET /message/byclientmsgno?channel_id=g1&channel_type=2&login_uid=u1&client_msg_no=c1
            POST /channel/messagesync {"channel_id":"g1","channel_type":2,"login_uid":"u1","start_message_seq":0,"limit":20}
            POST /messages {"channel_id":"g1","channel_type":2,"login_uid":"u1","message_seqs":[1],"message_ids":[MESSAGE]}
            POST /message {"channel_id":"g1","channel_type":2,"login_uid":"u1","message_id":MESSAGE}
            POST /message/eventsync {"channel_id":"g1","channel_type":2,"client_msg_no":"c1"}
            POST /message/sync {"uid":"u1","limit":10}
            POST /conversation/channels {"uid":"u1"}
            POST /conversation/sync {"uid":"u1","msg_count":5}
            POST /conversation/syncByChannels {"uid":"u1","channels":[{"channel_id":"g1","channel_type":2}]}
            POST /conversation/syncMessages {"uid":"u1","channels":[{"channel_id":"g1","channel_type":2,"last_msg_seq":0}]}
            GET /presence/changes?after=0-0&limit=2
            GET /presence/snapshot
            GET /presence/watch?uid=u1
            GET /presence/drift
            GET /presence/drift?kind=ghost_session&limit=2
            GET /presence/priority
            POST /presence/query {"users":["u1","u2"]}
            POST /presence/digest {"bucket":""}
            POST /presence/reconcile {"bucket":"","users":[]}
            POST /user/onlinestatus ["u1","u2"]
            GET /events?after=oldest&limit=2
            GET /events?after=oldest&types=msg.*
            GET /webhooks
            GET /webhooks/one
            GET /webhooks/one/attempts
            GET /webhooks/one/attempts?failed=1&limit=2
            GET /webhooks/one/dead-letters
            GET /webhooks/one/dead-letters?type=msg.notify&key=u:u1&text=u1
            GET /webhooks/one/dead-letters/LETTER
            GET /webhooks/schemas
            GET /webhooks/schemas/msg.notify
            GET /user/systemuids
            GET /route
            POST /route/batch ["u1"]
            GET /connz
            GET /varz
            GET /varz/setting
            GET /admin/nodes
            POST /admin/verify {"uids":["u1"]}
            GET /health
            GET /openapi.json
            """;

    /** One row, or so many for each endpoint. */
    private static final Set<String> SMALL = Set.of("event_floor", "webhook_endpoint", "webhook_lane");

    private final Vertx vertx = Vertx.vertx();

    @AfterEach
    void close() {
        Sql.await(vertx.close());
    }

    @Test
    void no_route_that_asks_reads_a_growing_table_whole() {
        String url = Stores.freshPostgres();
        Map<String, String> there = prepare(url);
        Counts.alone(vertx, url, sql -> sql.value("select pg_stat_reset()"));
        try (ApiServer server = ApiServer.startWithMessaging(url)) {
            ASKED.lines().forEach(asked -> ask(server, there, asked));
        }
        List<String> scanned =
                Counts.alone(vertx, url, sql -> sql.rows("select relname from pg_stat_user_tables where seq_scan > 0"));

        assertThat(scanned).isSubsetOf(SMALL);
    }

    @Test
    void every_route_that_asks_is_asked() {
        Set<String> asking = new TreeSet<>(RepeatsIT.ASKING);
        Documented.ROUTES.stream().filter(route -> route.startsWith("GET ")).forEach(asking::add);

        assertThat(asking).allSatisfy(route -> {
            Pattern asked = Pattern.compile(
                    "(?m)^" + Pattern.quote(route).replaceAll("\\{\\w+}", "\\\\E[^/? ]+\\\\Q") + "(?=[? ]|$)");
            assertThat(ASKED).containsPattern(asked);
        });
    }

    /** Something of everything; the names that {@link #ASKED} has for what came to be. */
    private static Map<String, String> prepare(String url) {
        try (ApiServer server = ApiServer.startWithMessaging(url)) {
            ok(server.post("/webhooks", "{\"id\":\"one\",\"url\":\"https://backend.example/\"}"));
            Chat chat = new Chat(server);
            chat.group("g1", "u1", "u2");
            chat.send(Chat.message("u1", "g1", Chat.GROUP, "c1").put("is_stream", 1));
            chat.sendTo("u1", "u2", "c2");
            Told.user(server.pg.statements(), "u1", true, 1);
            Told.user(server.pg.statements(), "u2", false, 2);
            server.sql.run("""
                    insert into dead_letter (endpoint, event_id, txid, lane, type, key, data, created_at, reason, status, attempts)
                    select 'one', id, txid, lane, type, key, data, now(), 'refused', '500', 9 from event order by id limit 1""");
            return Map.of(
                    "COMMAND",
                    server.sql.value("select id from cmd order by id limit 1"),
                    "MESSAGE",
                    server.sql.value("select id from message order by id limit 1"),
                    "LETTER",
                    LoggedEvent.id(Long.parseLong(server.sql.value("select event_id from dead_letter"))));
        }
    }

    private static void ask(ApiServer server, Map<String, String> there, String asked) {
        String[] parts = asked.split(" ", 3);
        String path = parts[1];
        String body = parts.length > 2 ? parts[2] : "";
        for (Map.Entry<String, String> name : there.entrySet()) {
            path = path.replace(name.getKey(), name.getValue());
            body = body.replace(name.getKey(), name.getValue());
        }
        ok(server.call(parts[0], path, body));
    }

    private static void ok(Answer answer) {
        assertThat(answer.status()).as(answer.response() + " " + answer.body()).isEqualTo(200);
    }
}
