package dev.herald.webhook;

import dev.herald.endpoint.Endpoint;
import dev.herald.endpoint.Endpoint.State;
import dev.herald.endpoint.Endpoints;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import java.util.List;

/** Notices that endpoints were changed, here or through another node. */
final class Changes {
    private static final String STATE = """
            select coalesce(md5(string_agg(id || ':' || revision, ',' order by id)), '') as state
            from webhook_endpoint where state = 'active'""";

    private final SqlClient client;
    private final Endpoints endpoints;
    private final Fleet fleet;
    private final Node node;
    private String known = "";
    private boolean complete = true;

    Changes(SqlClient client, Endpoints endpoints, Fleet fleet, Node node) {
        this.client = client;
        this.endpoints = endpoints;
        this.fleet = fleet;
        this.node = node;
    }

    Future<Void> applyIfAny() {
        return state().compose(state -> state.equals(known) ? Future.succeededFuture() : apply(state));
    }

    /** What could not be served, a key file that was not there in time, is tried again. */
    Future<Void> applyRest() {
        return complete ? Future.succeededFuture() : apply();
    }

    Future<Void> apply() {
        return state().compose(this::apply);
    }

    /** The state was read before the endpoints: what changes in between is noticed next time. */
    private Future<Void> apply(String state) {
        return endpoints.all().compose(all -> {
            List<String> ids = all.stream()
                    .filter(it -> it.state() == State.ACTIVE || it.state() == State.PAUSED)
                    .map(Endpoint::id)
                    .toList();
            node.health().keepOnly(ids);
            node.meters().keepOnly(ids);
            return fleet.become(all)
                    .onSuccess(served -> {
                        known = state;
                        complete = served;
                    })
                    .mapEmpty();
        });
    }

    private Future<String> state() {
        return client.query(STATE).execute().map(rows -> rows.iterator().next().getString("state"));
    }
}
