package dev.herald.api;

import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.message.SocketMessage.WatchListChanged;
import dev.herald.failure.HeraldException;
import dev.herald.presencelog.WatchLists;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.sqlclient.SqlClient;
import java.util.List;
import java.util.Set;

/** Beyond WuKongIM: whom a user's clients watch, and with that whom they may ask about. */
final class WatchRoutes {
    private final Bus bus;
    private final SqlClient statements;

    WatchRoutes(Bus bus, SqlClient statements) {
        this.bus = bus;
        this.statements = statements;
    }

    void mount(Router router, Calls calls) {
        router.put("/presence/watch").handler(calls.of(this::put));
        router.post("/presence/watch").handler(calls.of(this::edit));
        router.get("/presence/watch").handler(calls.asking(this::get));
        router.delete("/presence/watch").handler(calls.of(this::delete));
    }

    private Future<Reply> put(Call call) {
        record Wanted(String uid, Set<String> users) {}
        Wanted wanted = call.read(fields -> {
            if (!fields.has("users")) {
                fields.refuse("users", "is required");
            }
            return new Wanted(fields.uid("uid"), fields.uids("users", WatchLists.MAX));
        });
        return WatchLists.put(statements, wanted.uid, wanted.users).map(done -> told(wanted.uid));
    }

    private Future<Reply> edit(Call call) {
        record Wanted(String uid, UserEdit edit) {}
        Wanted wanted = call.read(fields -> new Wanted(fields.uid("uid"), UserEdit.read(fields, WatchLists.MAX)));
        return WatchLists.edit(statements, wanted.uid, wanted.edit.add(), wanted.edit.remove())
                .map(done -> {
                    if (!done) {
                        throw HeraldException.invalid(
                                "add", "there must not be more than " + WatchLists.MAX + " in all");
                    }
                    return told(wanted.uid);
                });
    }

    private Future<Reply> get(Call call) {
        String uid = call.readQuery(fields -> fields.uid("uid"));
        return WatchLists.get(statements, uid)
                .map(list -> Reply.data(JsonObject.of("uid", uid, "users", new JsonArray(list.orElse(List.of())))));
    }

    private Future<Reply> delete(Call call) {
        String uid = call.readQuery(fields -> fields.uid("uid"));
        return WatchLists.delete(statements, uid).map(done -> told(uid));
    }

    /** Every node hears of it at once, or its sockets find it at their next sweep. */
    private Reply told(String uid) {
        bus.publish(Addresses.WATCH_LIST_CHANGED, new WatchListChanged(uid));
        return Reply.ok();
    }
}
