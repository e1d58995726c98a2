package dev.herald.webhook.dispatch;

import dev.herald.endpoint.Endpoint;
import dev.herald.endpoint.Endpoint.State;
import dev.herald.endpoint.Endpoints;
import io.vertx.core.Future;
import java.util.List;

/** Serves endpoints as they are now, whoever changed them. */
public final class Changes {
    private final Endpoints endpoints;
    private final Fleet fleet;
    private final Node node;
    private String known = "";
    private boolean complete = true;

    public Changes(Endpoints endpoints, Fleet fleet, Node node) {
        this.endpoints = endpoints;
        this.fleet = fleet;
        this.node = node;
    }

    /**
     * True if there is something new.
     *
     * @param revisions of the endpoints, read before them: what changes in between is noticed next time
     */
    public Future<Boolean> apply(String revisions) {
        return revisions.equals(known)
                ? Future.succeededFuture(false)
                : serve().onSuccess(served -> known = revisions).map(true);
    }

    /** What could not be served, a key file that was not there in time, is tried again. */
    public Future<?> applyRest() {
        return complete ? Future.succeededFuture() : serve();
    }

    private Future<?> serve() {
        return endpoints.all().compose(all -> {
            List<String> ids = all.stream()
                    .filter(it -> it.state() == State.ACTIVE || it.state() == State.PAUSED)
                    .map(Endpoint::id)
                    .toList();
            node.health().keepOnly(ids);
            node.meters().keepOnly(ids);
            return fleet.become(all).onSuccess(served -> complete = served);
        });
    }
}
