package dev.herald.api.http;

import dev.herald.config.HeraldConfig;
import dev.herald.config.OwnMachine;
import dev.herald.failure.Failure;
import dev.herald.lifecycle.Periodic;
import dev.herald.postgres.PgClients;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The routes that are served. Each is given as a function from call to reply, and what none has to think of is done around
 * it: proof, body, number and time of what is under way, repeats, refusals.
 */
public final class Routes {
    private static final Duration DEADLINE = Duration.ofSeconds(15);
    private static final Duration SWEEP_INTERVAL = Duration.ofMinutes(5);

    private final Router router;
    private final Calls calls;
    private final Periodic sweep;

    public Routes(Vertx vertx, HeraldConfig config, PgClients pg, Contract contract) {
        IdempotencyKeys keys = new IdempotencyKeys(pg, config.api().idempotencyRetention());
        calls = new Calls(config.http().maxBodyBytes(), DEADLINE, new Once(keys), contract);
        sweep = Periodic.start(vertx, "idempotency keys", SWEEP_INTERVAL, keys::sweep);
        router = Router.router(vertx);
        new ContractRoutes(contract).mount(router);
        router.route().handler(new Access(config.api().token()));
        router.errorHandler(
                403,
                context -> refuse(
                        context, Problem.of(Failure.FORBIDDEN, "where no api.token is set, " + OwnMachine.ONLY)));
        router.errorHandler(404, context -> refuse(context, Problem.of(Failure.NOT_FOUND, "no such path")));
        router.errorHandler(405, this::refuseMethod);
        router.errorHandler(400, context -> refuse(context, Problem.of(Failure.INVALID, "the path is malformed")));
    }

    /** What takes the server's requests. */
    public Router router() {
        return router;
    }

    /** For what only asks: each answer is new. */
    public void get(String path, Function<Call, Future<Reply>> work) {
        waiting(path, Duration.ZERO, work);
    }

    /** The same for a question that is posted, since it needs a body. */
    public void query(String path, Function<Call, Future<Reply>> work) {
        router.post(path).handler(calls.asking(Duration.ZERO, work));
    }

    /**
     * For what only asks and may wait for its answer.
     *
     * @param longest wait that is no fault
     */
    public void waiting(String path, Duration longest, Function<Call, Future<Reply>> work) {
        router.get(path).handler(calls.asking(longest, work));
    }

    /** For answers that are written piece by piece. */
    public void streaming(String path, Function<Call, Future<Void>> work) {
        router.get(path).handler(calls.streaming(work));
    }

    /** For what has an effect: a repeat of a keyed request is answered as the first was. */
    public void post(String path, Function<Call, Future<Reply>> work) {
        sealing(path, work, Future::succeededFuture);
    }

    public void put(String path, Function<Call, Future<Reply>> work) {
        router.put(path).handler(calls.changing(work, Future::succeededFuture));
    }

    public void patch(String path, Function<Call, Future<Reply>> work) {
        router.patch(path).handler(calls.changing(work, Future::succeededFuture));
    }

    public void delete(String path, Function<Call, Future<Reply>> work) {
        router.delete(path).handler(calls.changing(work, Future::succeededFuture));
    }

    /**
     * A POST whose answer must not lie in the database as it is.
     *
     * @param work answers with its secrets sealed, as the answer is kept for repeats
     * @param unseal makes of that what the caller is given
     */
    public void sealing(String path, Function<Call, Future<Reply>> work, Function<Reply, Future<Reply>> unseal) {
        router.post(path).handler(calls.changing(work, unseal));
    }

    /** Refuses new calls; the answer comes when those under way are done. */
    public Future<Void> stop() {
        return calls.drain().eventually(sweep::stop);
    }

    private void refuseMethod(RoutingContext context) {
        String path = context.normalizedPath().replaceFirst("/$", "");
        String allowed = router.getRoutes().stream()
                .filter(route -> path.equals(route.getPath()))
                .flatMap(route -> route.methods().stream())
                .map(HttpMethod::name)
                .collect(Collectors.joining(", "));
        context.response().putHeader("Allow", allowed);
        refuse(context, new Problem(405, "only " + allowed + " is served here", false));
    }

    private static void refuse(RoutingContext context, Problem problem) {
        Calls.write(context.response(), problem.reply());
    }
}
