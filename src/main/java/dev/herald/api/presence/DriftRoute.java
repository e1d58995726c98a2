package dev.herald.api.presence;

import dev.herald.api.http.Call;
import dev.herald.api.http.Reply;
import dev.herald.api.http.Routes;
import dev.herald.presencelog.DriftLog;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.SqlClient;

/** Beyond WuKongIM: the differences in presence that Herald found and mended by itself. */
final class DriftRoute {
    private static final int MAX_PAGE = 1_000;
    private static final int DEFAULT_PAGE = 100;
    private static final int MAX_KIND = 64;

    private final SqlClient statements;

    DriftRoute(SqlClient statements) {
        this.statements = statements;
    }

    void mount(Routes routes) {
        routes.get("/presence/drift", this::list);
    }

    private Future<Reply> list(Call call) {
        record Wanted(long after, String kind, int limit) {}
        Wanted wanted = call.readQuery(fields -> new Wanted(
                fields.number("after", 0, Long.MAX_VALUE, Long.MAX_VALUE),
                fields.text("kind", MAX_KIND),
                fields.integer("limit", 1, MAX_PAGE, DEFAULT_PAGE)));
        return DriftLog.list(statements, wanted.after, wanted.kind, wanted.limit)
                .map(found -> Reply.data(
                        JsonObject.of("drift", new JsonArray(found), "more", Reply.bit(found.size() == wanted.limit))));
    }
}
