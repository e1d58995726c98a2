package dev.herald.api.user;

import dev.herald.api.http.Call;
import dev.herald.api.http.Reply;
import dev.herald.api.http.Routes;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;

/** Where clients connect (wukong-interfaces section 3.6): any node serves any user, so all are told the same. */
final class AddressRoutes {
    private static final int MAX_ASKED = 10_000;

    private final ClientAddresses addresses;

    AddressRoutes(ClientAddresses addresses) {
        this.addresses = addresses;
    }

    void mount(Routes routes) {
        routes.get("/route", this::one);
        routes.query("/route/batch", this::batch);
    }

    private Future<Reply> one(Call call) {
        return Future.succeededFuture(Reply.bare(addresses(call)));
    }

    private Future<Reply> batch(Call call) {
        List<String> uids = List.copyOf(call.readArray("uids", fields -> fields.uids("uids", MAX_ASKED)));
        JsonObject all = addresses(call).put("uids", new JsonArray(uids));
        return Future.succeededFuture(Reply.bare(JsonArray.of(all)));
    }

    private JsonObject addresses(Call call) {
        boolean inside = call.readQuery(fields -> fields.integer("intranet", 0, 1, 0)) == 1;
        String reached = call.reached();
        return inside ? addresses.inside(reached) : addresses.outside(reached);
    }
}
