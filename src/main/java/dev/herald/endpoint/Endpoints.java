package dev.herald.endpoint;

import dev.herald.endpoint.Endpoint.Security;
import dev.herald.endpoint.Endpoint.Settings;
import dev.herald.endpoint.Endpoint.State;
import dev.herald.eventlog.EventLog;
import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import dev.herald.postgres.PgClients;
import dev.herald.postgres.Rows;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** The endpoints, and their lanes as far as these come and go with them. */
public final class Endpoints {
    /** Of one Herald; each costs 65 cursors. */
    public static final int MOST = 200;

    private static final String FIND = EndpointRow.SELECT + " where id = $1 and state <> 'deleted'";
    private static final String ALL = EndpointRow.SELECT + " where state <> 'deleted' order by created_at, id";

    /** A new endpoint is told what happens from now on, not what was logged before it came; lane 64 is for replays. */
    private static final String CREATE_LANES = """
            insert into webhook_lane (endpoint, lane, read_txid, read_id)
            select $1, lane, pg_snapshot_xmin(pg_current_snapshot())::text::bigint - 1, 9223372036854775807
            from generate_series(0, $2::int) lane
            on conflict do nothing""";

    private static final String OFFLINE_NOTICES = """
            update webhook_endpoint o
            set state = case when wanted then 'active' else 'absent' end, revision = nextval('webhook_revision')
            from (select exists (select from webhook_endpoint where state in ('active', 'paused', 'pull')
                and id <> $1 and 'msg.offline' = any (types)) as wanted) w
            where o.id = $1 and (o.state = 'active') <> w.wanted
            returning o.state""";

    /** Its failures so far tell nothing any more. Lanes that others hold at this moment are being tried anyway. */
    private static final String START_ANEW = """
            update webhook_lane l set next_at = clock_timestamp(), attempts = 0, failing_since = null
            from (select lane, key from webhook_lane
                where endpoint = $1 and (attempts > 0 or next_at > now()) for update skip locked) w
            where l.endpoint = $1 and l.lane = w.lane and l.key = w.key""";

    /** Before another one takes its id, which else is free when retention has been there. */
    private static final String CLEAR_AWAY = """
            with gone as (select id from webhook_endpoint where id = $1 and state = 'deleted' for update),
            letters as (delete from dead_letter where endpoint in (select id from gone))
            delete from webhook_endpoint where id in (select id from gone)""";

    private static final String DELETE_LANES = "delete from webhook_lane where endpoint = $1";

    private final PgClients pg;

    public Endpoints(PgClients pg) {
        this.pg = pg;
    }

    /** All that are there, those without a URL, too. */
    public Future<List<Endpoint>> all() {
        return pg.statements().query(ALL).execute().map(rows -> Rows.list(rows, EndpointRow::read));
    }

    public Future<Optional<Endpoint>> find(String id) {
        return find(pg.statements(), id, "");
    }

    /**
     * @param then goes on in the same transaction
     * @throws HeraldException (CONFLICT) if the id is taken or there are too many
     */
    public <T> Future<T> create(
            String id, Settings settings, Security security, BiFunction<SqlClient, Endpoint, Future<T>> then) {
        return changing(tx -> tx.query("select count(*) from webhook_endpoint where state <> 'deleted'")
                .execute()
                .compose(count -> count.iterator().next().getLong(0) < MOST
                        ? insert(tx, id, settings, security, State.ACTIVE)
                        : Future.failedFuture(
                                new HeraldException(Failure.CONFLICT, "there are " + MOST + " endpoints")))
                .compose(inserted -> inserted
                        ? require(tx, id)
                        : Future.failedFuture(new HeraldException(Failure.CONFLICT, "id: is taken")))
                .compose(endpoint -> then.apply(tx, endpoint)));
    }

    /** Changes what the edit changes, in one transaction; fails with NOT_FOUND. */
    public Future<Endpoint> change(String id, Function<Endpoint, Edit> edit) {
        return change(id, edit, (tx, endpoint) -> Future.succeededFuture(endpoint));
    }

    /**
     * The same.
     *
     * @param then goes on in the same transaction
     */
    public <T> Future<T> change(
            String id, Function<Endpoint, Edit> edit, BiFunction<SqlClient, Endpoint, Future<T>> then) {
        return changing(tx -> find(tx, id, " for update")
                .map(found -> found.orElseThrow(Endpoints::unknown))
                .compose(endpoint -> write(tx, endpoint, edit.apply(endpoint)))
                .compose(done -> require(tx, id))
                .compose(endpoint -> then.apply(tx, endpoint)));
    }

    /** What an endpoint shall be like. */
    public record Edit(Settings settings, Security security, State state, String stateReason) {
        public static Edit of(Endpoint endpoint, State state, String reason) {
            return new Edit(endpoint.settings(), endpoint.security(), state, reason);
        }
    }

    /**
     * Its cursors are gone at once; dead letters and attempts are cleared away later.
     *
     * @param then goes on in the same transaction
     */
    public <T> Future<T> delete(String id, Function<SqlClient, Future<T>> then) {
        return changing(tx -> find(tx, id, " for update")
                .map(found -> found.orElseThrow(Endpoints::unknown))
                .compose(endpoint -> write(tx, endpoint, Edit.of(endpoint, State.DELETED, "")))
                .compose(done -> tx.preparedQuery(DELETE_LANES).execute(Tuple.of(id)))
                .compose(done -> then.apply(tx)));
    }

    /** Makes the configuration's endpoint what it says; empty if it names none. */
    public Future<Void> configure(Optional<Settings> settings, UnaryOperator<Security> security) {
        return keep(Endpoint.CONFIGURED, settings, security, State.ACTIVE);
    }

    /** Records these optional types for those who pull, though no endpoint asks for them. */
    public Future<Void> record(List<String> patterns) {
        Optional<Settings> settings = patterns.isEmpty()
                ? Optional.empty()
                : Optional.of(new Settings("", "", Endpoint.Format.STANDARD, patterns, 1, Duration.ZERO, 1, 0));
        return keep(Endpoint.PULL, settings, UnaryOperator.identity(), State.PULL);
    }

    /** Makes the reader that tells of offline receivers, idle until somebody wants to be told. */
    public Future<Void> prepareOfflineNotices(Settings settings) {
        return changing(tx -> insert(tx, Endpoint.OFFLINE_NOTICES, settings, Security.DEFAULT, State.ABSENT))
                .mapEmpty();
    }

    /** A new version may know more types: filters are read again. */
    public Future<Void> resolveFilters() {
        return all().compose(all -> Future.join(all.stream()
                        .filter(it -> !it.id().equals(Endpoint.OFFLINE_NOTICES))
                        .map(it -> pg.statements()
                                .preparedQuery("update webhook_endpoint set types = $2 where id = $1 and types <> $2")
                                .execute(Tuple.of(it.id())
                                        .addArrayOfString(
                                                EndpointRow.array(it.settings().types()))))
                        .toList()))
                .mapEmpty();
    }

    private Future<Void> keep(String id, Optional<Settings> wanted, UnaryOperator<Security> security, State active) {
        return changing(tx -> find(tx, id, " for update")
                        .compose(found -> found.isPresent()
                                ? keep(
                                        tx,
                                        found.get(),
                                        wanted,
                                        security.apply(found.get().security()),
                                        active)
                                : wanted.isPresent()
                                        ? insert(tx, id, wanted.get(), security.apply(Security.DEFAULT), active)
                                        : Future.succeededFuture(false)))
                .mapEmpty();
    }

    /** One that was paused stays so until it is resumed. */
    private static Future<Boolean> keep(
            SqlClient tx, Endpoint known, Optional<Settings> wanted, Security security, State active) {
        State back = known.state() == State.ABSENT ? active : known.state();
        State state = wanted.isPresent() ? back : State.ABSENT;
        Settings settings = wanted.orElse(known.settings());
        if (settings.equals(known.settings()) && security.equals(known.security()) && state == known.state()) {
            return Future.succeededFuture(false);
        }
        String reason = state == known.state() ? known.stateReason() : "";
        return write(tx, known, new Edit(settings, security, state, reason)).map(true);
    }

    private <T> Future<T> changing(Function<SqlClient, Future<T>> change) {
        return pg.transactions()
                .withTransaction(tx -> change.apply(tx)
                        .compose(result -> switchOfflineNotices(tx).map(result)))
                .map(changed -> Objects.requireNonNull(changed));
    }

    /** When it begins, it begins with what happens from now on. */
    private static Future<Void> switchOfflineNotices(SqlClient tx) {
        return tx.preparedQuery(OFFLINE_NOTICES)
                .execute(Tuple.of(Endpoint.OFFLINE_NOTICES))
                .compose(switched -> switched.size() == 0
                                || !"active".equals(switched.iterator().next().getString("state"))
                        ? Future.succeededFuture()
                        : tx.preparedQuery(DELETE_LANES)
                                .execute(Tuple.of(Endpoint.OFFLINE_NOTICES))
                                .compose(v -> createLanes(tx, Endpoint.OFFLINE_NOTICES)));
    }

    private static Future<Boolean> insert(SqlClient tx, String id, Settings settings, Security security, State state) {
        Tuple columns = EndpointRow.columns(id, settings, security, state);
        return tx.preparedQuery(CLEAR_AWAY)
                .execute(Tuple.of(id))
                .compose(cleared -> tx.preparedQuery(EndpointRow.CREATE).execute(columns))
                .compose(rows -> createLanes(tx, id).map(rows.rowCount() == 1));
    }

    private static Future<Void> createLanes(SqlClient tx, String id) {
        return id.equals(Endpoint.PULL)
                ? Future.succeededFuture()
                : tx.preparedQuery(CREATE_LANES)
                        .execute(Tuple.of(id, EventLog.LANES))
                        .mapEmpty();
    }

    private static Future<Void> write(SqlClient tx, Endpoint known, Edit edit) {
        Tuple columns = EndpointRow.columns(known.id(), edit.settings(), edit.security(), edit.state())
                .addString(edit.stateReason());
        boolean resumed = edit.state() == State.ACTIVE && known.state() != State.ACTIVE;
        boolean moved = !edit.settings().url().equals(known.settings().url());
        return tx.preparedQuery(EndpointRow.UPDATE)
                .execute(columns)
                .compose(done -> resumed || moved
                        ? tx.preparedQuery(START_ANEW)
                                .execute(Tuple.of(known.id()))
                                .mapEmpty()
                        : Future.succeededFuture());
    }

    private static Future<Endpoint> require(SqlClient client, String id) {
        return find(client, id, "").map(found -> found.orElseThrow(Endpoints::unknown));
    }

    private static Future<Optional<Endpoint>> find(SqlClient client, String id, String lock) {
        return client.preparedQuery(FIND + lock).execute(Tuple.of(id)).map(rows -> Rows.first(rows, EndpointRow::read));
    }

    private static HeraldException unknown() {
        return new HeraldException(Failure.NOT_FOUND, "no such endpoint");
    }
}
