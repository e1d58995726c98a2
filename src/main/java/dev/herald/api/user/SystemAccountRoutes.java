package dev.herald.api.user;

import dev.herald.account.SystemAccounts;
import dev.herald.api.http.Call;
import dev.herald.api.http.Reply;
import dev.herald.api.http.Routes;
import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.message.Done;
import dev.herald.postgres.PgClients;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.sqlclient.SqlClient;
import java.util.Set;
import java.util.function.BiFunction;

/** Accounts that no list stops (wukong-interfaces sections 3.2 and 4.3). */
final class SystemAccountRoutes {
    private final SystemAccounts accounts;
    private final Bus bus;
    private final PgClients pg;

    SystemAccountRoutes(SystemAccounts accounts, Bus bus, PgClients pg) {
        this.accounts = accounts;
        this.bus = bus;
        this.pg = pg;
    }

    void mount(Routes routes) {
        routes.post("/user/systemuids_add", call -> change(call, SystemAccounts::add));
        routes.post("/user/systemuids_remove", call -> change(call, SystemAccounts::remove));
        routes.get("/user/systemuids", call -> accounts.all().map(all -> Reply.bare(new JsonArray(all))));
    }

    /** Every node hears of it at once, or finds it at its next look. */
    private Future<Reply> change(Call call, BiFunction<SqlClient, Set<String>, Future<Void>> effect) {
        Set<String> uids = call.read(fields -> fields.uids("uids", SystemAccounts.MAX));
        return call.once(pg, tx -> effect.apply(tx, uids), done -> Reply.ok())
                .onSuccess(done -> bus.publish(Addresses.SYSTEM_ACCOUNTS_CHANGED, Done.DONE));
    }
}
