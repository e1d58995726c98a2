package dev.herald.api.presence;

import dev.herald.api.http.Call;
import dev.herald.api.http.Reply;
import dev.herald.api.http.Routes;
import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.message.Done;
import dev.herald.failure.HeraldException;
import dev.herald.model.Uid;
import dev.herald.presencelog.PriorityUsers;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Pool;
import java.util.List;
import java.util.Objects;

/** Beyond WuKongIM: the users whose presence is looked at more often, and who are told offline sooner. */
final class PriorityRoutes {
    private static final int MAX_PAGE = 1_000;

    private final Bus bus;
    private final Pool pool;

    PriorityRoutes(Bus bus, Pool pool) {
        this.bus = bus;
        this.pool = pool;
    }

    void mount(Routes routes) {
        routes.post("/presence/priority", this::change);
        routes.get("/presence/priority", this::list);
    }

    /** Both or neither; every node hears of it at once, or finds it at its next look. */
    private Future<Reply> change(Call call) {
        UserEdit edit = call.read(fields -> UserEdit.read(fields, PriorityUsers.MAX));
        return pool.withTransaction(tx -> PriorityUsers.remove(tx, List.copyOf(edit.remove()))
                        .compose(removed -> PriorityUsers.add(tx, List.copyOf(edit.add())))
                        .compose(added -> call.noted(tx, reply(added))))
                .map(changed -> {
                    bus.publish(Addresses.PRIORITY_CHANGED, Done.DONE);
                    return Objects.requireNonNull(changed);
                });
    }

    private static Reply reply(boolean added) {
        if (!added) {
            throw HeraldException.invalid("add", "there must not be more than " + PriorityUsers.MAX + " in all");
        }
        return Reply.ok();
    }

    private Future<Reply> list(Call call) {
        record Wanted(String after, int limit) {}
        Wanted wanted = call.readQuery(fields ->
                new Wanted(fields.text("after", Uid.MAX_BYTES), fields.integer("limit", 1, MAX_PAGE, MAX_PAGE)));
        return PriorityUsers.list(pool, wanted.after, wanted.limit)
                .map(users -> Reply.data(
                        JsonObject.of("users", new JsonArray(users), "more", Reply.bit(users.size() == wanted.limit))));
    }
}
