package dev.herald.redis;

import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.RedisOptions;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One connection to one server, with a client of its own: closing that cuts whatever still hangs. */
final class ServerLink implements RedisLink {
    private static final Logger log = LoggerFactory.getLogger(ServerLink.class);
    private static final Duration DEADLINE = Duration.ofSeconds(5);

    /** What errors begin with that the same call may not meet again. */
    private static final List<String> NOT_NOW =
            List.of("CONNECTION_CLOSED", "LOADING ", "MASTERDOWN ", "CLUSTERDOWN ", "TRYAGAIN ");

    /** Cursor of a scan, before its first page and after its last. */
    private static final String FIRST = "0";

    private final Redis client;
    private final RedisConnection connection;
    private final Consumer<RedisLink> onLost;
    private Supplier<Future<Boolean>> confirmation = () -> Future.succeededFuture(true);
    private int inFlight;
    private long answered;
    private long answeredAtLastLook;
    private boolean waitedAtLastLook;
    private boolean cut;

    private ServerLink(Redis client, RedisConnection connection, Consumer<RedisLink> onLost) {
        this.client = client;
        this.connection = connection;
        this.onLost = onLost;
    }

    /** @param endpoint URL of the server */
    static Future<ServerLink> connect(Vertx vertx, String endpoint, Consumer<RedisLink> onLost) {
        RedisOptions options =
                new RedisOptions().setConnectionString(endpoint).setMaxWaitingHandlers(RedisGateway.MAX_IN_FLIGHT);
        options.getNetClientOptions().setConnectTimeout((int) DEADLINE.toMillis());
        Redis client = Redis.createClient(vertx, options);
        return client.connect()
                .timeout(DEADLINE.toMillis(), TimeUnit.MILLISECONDS)
                .map(connection -> new ServerLink(client, connection, onLost).listen())
                .recover(cause -> client.close()
                        .transform(done -> Future.failedFuture(unavailable("Redis cannot be reached", cause))));
    }

    /**
     * Asks one server after the other until one has an answer, in another order each time: one that has lost touch with
     * the others is not asked for ever.
     *
     * @param question put to a server and its URL
     */
    static <T> Future<T> askAny(
            Vertx vertx, List<String> endpoints, BiFunction<ServerLink, String, Future<T>> question) {
        List<String> shuffled = new ArrayList<>(endpoints);
        Collections.shuffle(shuffled);
        Future<T> answer = Future.failedFuture(new HeraldException(Failure.UNAVAILABLE, "no Redis server is known"));
        for (String endpoint : shuffled) {
            answer = answer.recover(
                    before -> connect(vertx, endpoint, lost -> {}).compose(server -> question.apply(server, endpoint)
                            .timeout(DEADLINE.toMillis(), TimeUnit.MILLISECONDS)
                            .eventually(server::close)));
        }
        return answer;
    }

    @Override
    public Future<@Nullable Response> send(Request request) {
        return track(1, connection.send(request));
    }

    @Override
    public Future<List<@Nullable Response>> batch(List<Request> requests) {
        return track(requests.size(), connection.batch(requests));
    }

    /** One call costs both sides a fraction of as many. */
    @Override
    public Future<List<@Nullable Response>> values(List<String> keys) {
        Request all = Request.cmd(Command.MGET);
        keys.forEach(all::arg);
        return send(all).map(values -> Objects.requireNonNull(values).stream().toList());
    }

    /** A place may be one of a cluster that was there before. */
    @Override
    public Future<KeyPage> keys(String pattern, String place, int count) {
        String cursor = place.substring(place.indexOf(' ') + 1);
        Request scan = Request.cmd(Command.SCAN)
                .arg(cursor.isEmpty() ? FIRST : cursor)
                .arg("MATCH")
                .arg(pattern)
                .arg("COUNT")
                .arg(count);
        return send(scan).map(answer -> {
            Response page = Objects.requireNonNull(answer);
            String next = page.get(0).toString();
            return new KeyPage(page.get(1).stream().map(Response::toString).toList(), next.equals(FIRST) ? "" : next);
        });
    }

    @Override
    public boolean isCut() {
        return cut;
    }

    @Override
    public int inFlight() {
        return inFlight;
    }

    @Override
    public boolean isSilentSinceLastLook() {
        boolean silent = waitedAtLastLook && inFlight > 0 && answered == answeredAtLastLook;
        waitedAtLastLook = inFlight > 0;
        answeredAtLastLook = answered;
        return silent;
    }

    /** @param isRight whether this is still the server to talk to; a failure says nothing */
    ServerLink confirmedBy(Supplier<Future<Boolean>> isRight) {
        confirmation = isRight;
        return this;
    }

    @Override
    public void confirm() {
        confirmation.get().onSuccess(isRight -> {
            if (!isRight && !cut) {
                log.warn("redis has another master, connecting to that");
                cut();
            }
        });
    }

    @Override
    public void cut() {
        cut = true;
        onLost.accept(this);
        close().onFailure(cause -> log.debug("redis connection did not close", cause));
    }

    @Override
    public Future<Void> close() {
        return client.close();
    }

    private ServerLink listen() {
        // After some errors the client calls no end handler, and its connection is of no more use.
        connection.exceptionHandler(cause -> {
            log.debug("redis connection error", cause);
            cut();
        });
        connection.endHandler(end -> cut());
        // An end that came before these handlers were set is told by nobody else.
        send(Request.cmd(Command.PING)).onFailure(cause -> cut());
        return this;
    }

    private <T extends @Nullable Object> Future<T> track(int calls, Future<T> result) {
        inFlight += calls;
        return result.recover(cause -> Future.failedFuture(isReply(cause) ? cause : refused(cause)))
                .onComplete(done -> {
                    inFlight -= calls;
                    answered += calls;
                });
    }

    private HeraldException refused(Throwable cause) {
        if (isReadOnly(cause) && !cut) {
            log.warn("redis server is no master any more");
            cut();
        }
        return unavailable("Redis call failed", cause);
    }

    /** The client makes an error reply of a closed connection, too; and some say that the server cannot serve now. */
    private static boolean isReply(Throwable cause) {
        return cause instanceof Response
                && !isReadOnly(cause)
                && errors(cause).noneMatch(error -> NOT_NOW.stream().anyMatch(error::startsWith));
    }

    /** A script's error has it somewhere in the middle. */
    private static boolean isReadOnly(Throwable cause) {
        return textOf(cause).contains("READONLY ");
    }

    /** What Redis says: of a batch each failed call's, which the client puts in lines after the call's number. */
    static Stream<String> errors(Throwable cause) {
        return textOf(cause).lines().map(line -> line.replaceFirst("^ERR \\[\\d+] ", ""));
    }

    private static HeraldException unavailable(String what, Throwable cause) {
        String reason = errors(cause).findFirst().orElse("no reason given");
        return new HeraldException(Failure.UNAVAILABLE, what + ": " + reason);
    }

    private static String textOf(Throwable cause) {
        return String.valueOf(cause.getMessage());
    }
}
