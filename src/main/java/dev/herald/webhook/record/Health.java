package dev.herald.webhook.record;

import dev.herald.endpoint.Endpoint;
import dev.herald.endpoint.Endpoint.State;
import dev.herald.endpoint.Endpoints;
import dev.herald.endpoint.Endpoints.Edit;
import dev.herald.eventlog.EventLog;
import dev.herald.eventlog.EventLog.NewEvent;
import dev.herald.eventlog.EventType;
import dev.herald.postgres.PgClients;
import dev.herald.webhook.post.Outcome;
import dev.herald.webhook.retry.Breaker;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells, as events of the log, which endpoints fail, were paused, lost events to age, or are back. Used on one context. */
public final class Health {
    private static final Logger log = LoggerFactory.getLogger(Health.class);

    private static final String FAILS = """
            update webhook_endpoint set failing_since = now() where id = $1 and failing_since is null""";

    private static final String RECOVERS = """
            update webhook_endpoint e set failing_since = null, failing_told_at = null
            from (select id, url, failing_since, failing_told_at from webhook_endpoint where id = $1 for update) old
            where e.id = old.id and old.failing_since is not null
            returning e.id, e.url, old.failing_since, old.failing_told_at""";

    private static final String TELL = """
            update webhook_endpoint set failing_told_at = now()
            where state = 'active' and failing_told_at is null
                and failing_since < now() - $1::bigint * interval '1 ms'
            returning id, url, failing_since""";

    private final PgClients pg;
    private final Endpoints endpoints;
    private final Duration patience;
    private final Runnable changed;
    private final Map<String, Integer> failures = new HashMap<>();

    /**
     * @param patience an endpoint that fails for so long is told of
     * @param changed is run when an endpoint was changed or an event recorded here
     */
    public Health(PgClients pg, Duration patience, Runnable changed) {
        this.pg = pg;
        this.endpoints = new Endpoints(pg);
        this.patience = patience;
        this.changed = changed;
    }

    /**
     * What an attempt says of its endpoint: one that refuses everything fails, too. Written down until it is there.
     *
     * @param before attempts that failed already, as another node or an earlier start of this one may know
     */
    public void note(Endpoint endpoint, Outcome outcome, int before) {
        if (endpoint.id().equals(Endpoint.OFFLINE_NOTICES)) {
            return;
        }
        int known =
                failures.computeIfAbsent(endpoint.id(), id -> endpoint.failingSince() == null ? 0 : Breaker.FAILURES);
        if (outcome.delivered()) {
            failures.put(endpoint.id(), 0);
            if (known >= Breaker.FAILURES) {
                recovers(endpoint.id());
            }
            return;
        }
        int now = Math.min(Math.max(known, before) + 1, Breaker.FAILURES);
        failures.put(endpoint.id(), now);
        if (now == Breaker.FAILURES) {
            pg.statements()
                    .preparedQuery(FAILS)
                    .execute(Tuple.of(endpoint.id()))
                    .onFailure(cause -> log.warn("webhook health is not written down: {}", String.valueOf(cause)));
        }
    }

    /** Forgets what is not there any more. */
    public void keepOnly(List<String> ids) {
        failures.keySet().retainAll(ids);
    }

    /** Tells of those that have failed for long enough, each once, whichever node is first. */
    public Future<Void> tellFailing() {
        return pg.transactions()
                .withTransaction(tx -> tx.preparedQuery(TELL)
                        .execute(Tuple.of(patience.toMillis()))
                        .compose(rows -> tell(tx, rows, "failing").map(true)))
                .mapEmpty();
    }

    /** Nothing more is sent; what waits is kept until it is too old. */
    public Future<Void> pause(Endpoint endpoint, Outcome outcome) {
        String reason = (outcome.status() + " " + outcome.answer()).strip();
        log.error("webhook endpoint={} is paused: {}", endpoint.id(), reason);
        return endpoints
                .change(
                        endpoint.id(),
                        now -> now.state() == State.ACTIVE && now.revision() == endpoint.revision()
                                ? Edit.of(now, State.PAUSED, reason)
                                : Edit.of(now, now.state(), now.stateReason()),
                        (tx, now) ->
                                now.state() == State.PAUSED && now.stateReason().equals(reason)
                                        ? EventLog.append(tx, List.of(paused(endpoint, reason)))
                                                .map(now)
                                        : Future.succeededFuture(now))
                .onSuccess(done -> changed.run())
                .mapEmpty();
    }

    /** The same event for all requests that were under way when the first of them was told that the endpoint is gone. */
    private static NewEvent paused(Endpoint endpoint, String reason) {
        return new NewEvent(
                EventType.WEBHOOK_FAILING.value(),
                "w:" + endpoint.id(),
                event(endpoint.id(), host(endpoint), "paused", reason),
                "paused:" + endpoint.id() + ":" + endpoint.revision());
    }

    /** Tells, once an hour, that an endpoint's events become too old and so dead letters. */
    static Future<Void> expired(SqlClient client, String endpoint, String url, Duration age) {
        JsonObject data = event(endpoint, host(url), "expired", "events older than " + age + " become dead letters");
        long hour = System.currentTimeMillis() / Duration.ofHours(1).toMillis();
        NewEvent event = new NewEvent(
                EventType.WEBHOOK_FAILING.value(), "w:" + endpoint, data, "expired:" + endpoint + ":" + hour);
        return EventLog.append(client, List.of(event));
    }

    private void recovers(String id) {
        pg.transactions()
                .withTransaction(tx -> tx.preparedQuery(RECOVERS)
                        .execute(Tuple.of(id))
                        .compose(rows -> tell(tx, told(rows), "recovered").map(true)))
                .onSuccess(done -> changed.run())
                .onFailure(cause -> {
                    log.warn("webhook endpoint={} is back, untold: {}", id, String.valueOf(cause));
                    failures.put(id, Breaker.FAILURES);
                });
    }

    private static List<Row> told(RowSet<Row> rows) {
        List<Row> told = new ArrayList<>();
        rows.forEach(row -> {
            if (row.getValue("failing_told_at") != null) {
                told.add(row);
            }
        });
        return told;
    }

    private static Future<Void> tell(SqlClient tx, Iterable<Row> rows, String state) {
        List<NewEvent> events = new ArrayList<>();
        rows.forEach(row -> events.add(newEvent(event(row.getString("id"), host(row.getString("url")), state, "")
                .put("since", row.getOffsetDateTime("failing_since").toInstant().toString()))));
        return EventLog.append(tx, events);
    }

    private static NewEvent newEvent(JsonObject data) {
        return new NewEvent(EventType.WEBHOOK_FAILING, "w:" + data.getString("endpoint"), data);
    }

    private static JsonObject event(String endpoint, String host, String state, String reason) {
        return JsonObject.of("endpoint", endpoint, "host", host, "state", state, "reason", reason);
    }

    private static String host(Endpoint endpoint) {
        return host(endpoint.settings().url());
    }

    /** The rest of a URL may hold what is nobody's business. */
    private static String host(String url) {
        return Objects.requireNonNullElse(URI.create(url).getHost(), "");
    }
}
