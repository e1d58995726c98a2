package dev.herald.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.api.conversation.Conversed;
import dev.herald.config.ConfigLoader;
import dev.herald.config.Retentions;
import dev.herald.history.Sweeps;
import dev.herald.it.Sql;
import dev.herald.it.Stores;
import dev.herald.postgres.PgClients;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** No query's cost grows with history: what PostgreSQL itself counts of rows and index entries that were read. */
@Timeout(120)
class QueryCostIT {
    private static final int SHORT = 1_000;
    private static final int LONG = 100_000;

    /** Sweeps on timers may run once more in one run than in the other, and pages are read here and there. */
    private static final long SLACK = 500;

    private static final String READ = """
            select (select coalesce(sum(seq_tup_read + coalesce(idx_tup_fetch, 0)), 0) from pg_stat_user_tables
                    where relname ~ '^(message(_[0-9]+)?|member|channel)$')
                + (select coalesce(sum(idx_tup_read), 0) from pg_stat_user_indexes
                    where relname ~ '^(message(_[0-9]+)?|member|channel)$')""";

    /** What {@link #cost} leaves to the sweeps. */
    private static final String ENDED = """
            select count(*) from channel c cross join lateral (
                select from message where channel = c.pk and seq = 2
                union all select from message where channel = c.pk and seq = 1 and c.channel_type = 2) m""";

    private final Vertx vertx = Vertx.vertx();

    @AfterEach
    void close() {
        Sql.await(vertx.close());
    }

    @Test
    void sending_reading_and_sweeping_touch_as_many_rows_of_a_long_history_as_of_a_short_one() {
        long few = cost(SHORT);
        long many = cost(LONG);

        assertThat(few).isPositive();
        assertThat(many).isLessThan(few + SLACK);
    }

    /** Rows and index entries that the same use touches after so many messages. */
    private long cost(int messages) {
        String url = Stores.freshPostgres();
        try (ApiServer server = ApiServer.startWithMessaging(url)) {
            Chat chat = new Chat(server);
            chat.group("g1", "u1", "u2");
            chat.send("u1", "g1", "c1");
            chat.sendTo("u1", "u2", "c1");
            server.sql.run("""
                    insert into message (channel, seq, from_uid, client_msg_no, flags, setting, expire, topic, payload)
                    select pk, n, 'u1', 'c' || n, 0, 0, 0, '', '{}' from channel, generate_series(2, %d) n
                    where last_seq = 1""".formatted(messages));
            server.sql.run("update channel set last_seq = %d, first_at = now() - interval '2 years' where last_seq = 1"
                    .formatted(messages));
            server.sql.run("update message set created_at = now() - interval '2 years' where seq = 1");
            server.sql.run("update message set expires_at = now() where seq = 2");
        }
        Counts.alone(vertx, url, sql -> {
            sql.run("vacuum analyze");
            return sql.value("select pg_stat_reset()");
        });
        try (ApiServer server = ApiServer.startWithMessaging(url)) {
            use(server, messages);
        }
        sweep(url);
        return Long.parseLong(Counts.alone(vertx, url, sql -> sql.value(READ)));
    }

    private static void use(ApiServer server, int messages) {
        Chat chat = new Chat(server);
        Conversed seen = new Conversed(server);
        for (int n = 1; n <= 5; n++) {
            chat.send("u2", "g1", "new" + n);
            chat.send("u2", "g1", "new" + n);
            chat.sendTo("u2", "u1", "new" + n);
        }
        chat.send(Chat.message("u2", "u1", Chat.PERSON, "parts").put("is_stream", 1));
        for (JsonObject named : List.of(
                JsonObject.of("channel_id", "g1", "channel_type", 2, "client_msg_no", "c7"),
                JsonObject.of("channel_id", "u1", "channel_type", 1, "client_msg_no", "parts"))) {
            ok(() -> server.post(
                    "/message/event",
                    named.copy().put("event_id", "e").put("event_type", "note").encode()));
            ok(() -> server.post("/message/eventsync", named.encode()));
        }
        JsonObject group = JsonObject.of("channel_id", "g1", "channel_type", 2, "login_uid", "u1");
        JsonObject person = JsonObject.of("channel_id", "u2", "channel_type", 1, "login_uid", "u1");
        for (JsonObject channel : List.of(group, person)) {
            for (int middle : List.of(0, 1, messages / 2, messages)) {
                for (int mode : List.of(0, 1)) {
                    ok(() -> server.post(
                            "/channel/messagesync",
                            channel.copy()
                                    .put("start_message_seq", middle)
                                    .put("pull_mode", mode)
                                    .put("limit", 20)
                                    .encode()));
                }
            }
            ok(() -> server.post(
                    "/messages",
                    channel.copy()
                            .put("message_seqs", new JsonArray().add(1).add(messages / 2))
                            .put("client_msg_nos", new JsonArray().add("c" + messages / 3))
                            .encode()));
            ok(() -> server.post(
                    "/message", channel.copy().put("client_msg_no", "c7").encode()));
            String query = "?channel_id=%s&channel_type=%d&login_uid=u1"
                    .formatted(channel.getString("channel_id"), channel.getInteger("channel_type"));
            ok(() -> server.get("/channel/max_message_seq" + query));
            ok(() -> server.get("/channel/last_message" + query));
            ok(() -> server.get("/message/byclientmsgno" + query + "&client_msg_no=c7"));
            JsonObject own = channel.copy().put("uid", "u1");
            seen.sync("u1", 10);
            seen.sync("u1", JsonObject.of("msg_count", 10, "only_unread", 1, "version", 1));
            seen.byChannels("u1", channel.getString("channel_id"), channel.getInteger("channel_type"));
            seen.channels("u1");
            seen.messages("u1", channel.copy().put("last_msg_seq", messages / 2));
            chat.ok("/conversations/setUnread", own.copy().put("unread", 2));
            chat.ok("/conversations/clearUnread", own.copy());
            chat.ok("/conversations/delete", own.copy());
        }
    }

    private static void ok(Supplier<ApiServer.Answer> call) {
        ApiServer.Answer answer = call.get();
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    }

    /** Every sweep of the history once: what has expired and what the retention ends is gone after it. */
    private void sweep(String url) {
        PgClients pg = PgClients.open(vertx, url, 2);
        Retentions retentions = ConfigLoader.load(Map.of("messages.retention", "2=P365D"))
                .messages()
                .retention()
                .orElseThrow();
        Sql.await(Sweeps.all(pg, retentions));
        assertThat(new Sql(pg.statements()).value(ENDED)).isEqualTo("0");
        Sql.await(pg.close());
    }
}
