package dev.herald.api.operator;

import dev.herald.api.http.Call;
import dev.herald.api.http.Problem;
import dev.herald.api.http.Reply;
import dev.herald.api.http.Routes;
import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.message.OpsMessage.HealthQuery;
import dev.herald.bus.message.OpsMessage.HealthReport;
import dev.herald.failure.Failure;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.stream.Collectors;

/** Ready means that a request would be served now; WuKongIM says so before it is true. */
final class HealthRoutes {
    private static final String UP = "up";

    private final Bus bus;

    HealthRoutes(Bus bus) {
        this.bus = bus;
    }

    void mount(Routes routes) {
        routes.get("/health", this::health);
    }

    private Future<Reply> health(Call call) {
        return bus.request(Addresses.HEALTH, new HealthQuery())
                .map(report -> report.ready() ? Reply.bare(JsonObject.of("status", "ok")) : unready(wrong(report)))
                .recover(cause ->
                        Future.succeededFuture(unready(Problem.of(cause).text())));
    }

    private static String wrong(HealthReport report) {
        return report.states().entrySet().stream()
                .filter(part -> !part.getValue().equals(UP))
                .map(part -> part.getKey() + ": " + part.getValue())
                .sorted()
                .collect(Collectors.joining("; "));
    }

    private static Reply unready(String text) {
        return Reply.json(Failure.UNAVAILABLE.httpStatus(), JsonObject.of("status", "unavailable", "msg", text));
    }
}
