package dev.herald.endpoint;

import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.function.BooleanSupplier;

/**
 * Whether a node's key is that of all: the one that something is sealed with, or else the one that came first. As long as
 * nothing is sealed, a node that is alone may bring another.
 */
final class SharedKey {
    private static final String NEWEST_SEALED = """
            (select substring(coalesce(secrets, headers) from 1 for %d) as key from webhook_endpoint
            where state <> 'deleted' and coalesce(secrets, headers) is not null order by updated_at desc limit 1)""".formatted(Vault.KEY_ID_BYTES);

    private static final String CLAIM = """
            insert into webhook_key (fingerprint) values (coalesce(%1$s, $1))
            on conflict (one) do update set fingerprint = case
                when $2 and %1$s is null then excluded.fingerprint else webhook_key.fingerprint end
            returning fingerprint""".formatted(NEWEST_SEALED);

    private static final String IN_USE = """
            select %1$s is not null as is_sealed, exists (select from webhook_key) as is_known""".formatted(NEWEST_SEALED);

    private static final String ADVICE =
            "; all nodes need the same one, and docs/webhooks.md says what to do if it is lost";

    private final SqlClient pg;
    private final BooleanSupplier alone;

    SharedKey(SqlClient pg, BooleanSupplier alone) {
        this.pg = pg;
        this.alone = alone;
    }

    /** Fails with CONFLICT if the others have another key than this vault. */
    Future<Vault> require(Vault vault) {
        return pg.preparedQuery(CLAIM)
                .execute(Tuple.of(vault.fingerprint(), alone.getAsBoolean()))
                .map(rows -> {
                    if (!rows.iterator().next().get(Buffer.class, "fingerprint").equals(vault.fingerprint())) {
                        throw refusal("is not the key that the other nodes have, or that secrets are sealed with");
                    }
                    return vault;
                });
    }

    /** Fails with CONFLICT if a node that has no key would have to have that of the others. */
    Future<Void> requireNone() {
        return pg.query(IN_USE).execute().map(rows -> {
            Row row = rows.iterator().next();
            if (row.getBoolean("is_sealed") || (row.getBoolean("is_known") && !alone.getAsBoolean())) {
                throw refusal("is not set, nor in data.dir, but other nodes have one or secrets are sealed with it");
            }
            return null;
        });
    }

    private static HeraldException refusal(String what) {
        return new HeraldException(Failure.CONFLICT, "webhook.key: " + what + ADVICE);
    }
}
