package dev.herald.fanout;

import static org.awaitility.Awaitility.await;

import dev.herald.postgres.Rows;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import java.util.List;

/** Holds the statement that does a named step of a fan-out inside PostgreSQL, for whoever sent it to be killed meanwhile. */
public final class Trap implements AutoCloseable {
    private static final int LOCK = 7;

    private final Node node;
    private final SqlConnection holder;

    public enum Step {
        CLAIM("new.lease_owner is not null and new.lease_owner is distinct from old.lease_owner"),
        PROGRESS("new.reached <> old.reached and new.done_at is null"),
        COMPLETION("new.done_at is not null and old.done_at is null");

        private final String condition;

        Step(String condition) {
            this.condition = condition;
        }
    }

    public Trap(Node node, Step step) {
        this.node = node;
        holder = node.call(() -> node.pg.transactions().getConnection());
        run("select pg_advisory_lock(%d)".formatted(LOCK));
        run("""
                create function trap() returns trigger language plpgsql as
                'begin perform pg_advisory_xact_lock(%d); return new; end'""".formatted(LOCK));
        run("create trigger trap before update on cmd for each row when (%s) execute function trap()"
                .formatted(step.condition));
    }

    public void awaitCatch() {
        await().until(() -> !caught().isEmpty());
    }

    /** The statement comes to nothing, as if it had never been sent. */
    public void drop() {
        run("select pg_terminate_backend(%d)".formatted(caught().getFirst()));
        open();
    }

    /** The statement does what it was sent for. */
    void open() {
        run("select pg_advisory_unlock_all()");
        run("drop trigger trap on cmd");
    }

    @Override
    public void close() {
        run("select pg_advisory_unlock_all()");
        node.call(holder::close);
    }

    private List<Integer> caught() {
        return Rows.list(run("""
                select pid from pg_locks where locktype = 'advisory' and not granted
                and database = (select oid from pg_database where datname = current_database())"""), row -> row.getInteger(0));
    }

    /** On a connection of its own: what is sent on another may have to wait behind what is caught. */
    private RowSet<Row> run(String sql) {
        return node.call(() -> holder.query(sql).execute());
    }
}
