package dev.herald.api.presence;

import dev.herald.api.http.Call;
import dev.herald.api.http.Reply;
import dev.herald.api.http.Routes;
import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.message.SocketMessage.WatchListChanged;
import dev.herald.failure.HeraldException;
import dev.herald.postgres.PgClients;
import dev.herald.presencelog.WatchLists;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Set;

/** Beyond WuKongIM: whom a user's clients watch, and with that whom they may ask about. */
final class WatchRoutes {
    private final Bus bus;
    private final PgClients pg;

    WatchRoutes(Bus bus, PgClients pg) {
        this.bus = bus;
        this.pg = pg;
    }

    void mount(Routes routes) {
        routes.put("/presence/watch", this::put);
        routes.post("/presence/watch", this::edit);
        routes.get("/presence/watch", this::get);
        routes.delete("/presence/watch", this::delete);
    }

    private Future<Reply> put(Call call) {
        record Wanted(String uid, Set<String> users) {}
        Wanted wanted = call.read(fields -> {
            if (!fields.has("users")) {
                fields.refuse("users", "is required");
            }
            return new Wanted(fields.uid("uid"), fields.uids("users", WatchLists.MAX));
        });
        return told(wanted.uid, call.once(pg, tx -> WatchLists.put(tx, wanted.uid, wanted.users), done -> Reply.ok()));
    }

    private Future<Reply> edit(Call call) {
        record Wanted(String uid, UserEdit edit) {}
        Wanted wanted = call.read(fields -> new Wanted(fields.uid("uid"), UserEdit.read(fields, WatchLists.MAX)));
        return told(
                wanted.uid,
                call.once(
                        pg,
                        tx -> WatchLists.edit(tx, wanted.uid, wanted.edit.add(), wanted.edit.remove()),
                        WatchRoutes::edited));
    }

    private static Reply edited(boolean done) {
        if (!done) {
            throw HeraldException.invalid("add", "there must not be more than " + WatchLists.MAX + " in all");
        }
        return Reply.ok();
    }

    private Future<Reply> get(Call call) {
        String uid = call.readQuery(fields -> fields.uid("uid"));
        return WatchLists.get(pg.statements(), uid)
                .map(list -> Reply.data(JsonObject.of("uid", uid, "users", new JsonArray(list.orElse(List.of())))));
    }

    private Future<Reply> delete(Call call) {
        String uid = call.readQuery(fields -> fields.uid("uid"));
        return told(uid, call.once(pg, tx -> WatchLists.delete(tx, uid), done -> Reply.ok()));
    }

    /** Every node hears of it at once, or its sockets find it at their next sweep. */
    private Future<Reply> told(String uid, Future<Reply> changed) {
        return changed.onSuccess(done -> bus.publish(Addresses.WATCH_LIST_CHANGED, new WatchListChanged(uid)));
    }
}
