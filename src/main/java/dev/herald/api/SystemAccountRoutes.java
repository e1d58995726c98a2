package dev.herald.api;

import dev.herald.account.SystemAccounts;
import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.message.Done;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.ext.web.Router;
import java.util.Set;

/** Accounts that no list stops (wukong-interfaces sections 3.2 and 4.3). */
final class SystemAccountRoutes {
    private final SystemAccounts accounts;
    private final Bus bus;

    SystemAccountRoutes(SystemAccounts accounts, Bus bus) {
        this.accounts = accounts;
        this.bus = bus;
    }

    void mount(Router router, Calls calls) {
        router.post("/user/systemuids_add").handler(calls.of(call -> told(accounts.add(uids(call)))));
        router.post("/user/systemuids_remove").handler(calls.of(call -> told(accounts.remove(uids(call)))));
        router.get("/user/systemuids")
                .handler(calls.asking(call -> accounts.all().map(all -> Reply.bare(new JsonArray(all)))));
    }

    private static Set<String> uids(Call call) {
        return call.read(fields -> fields.uids("uids", SystemAccounts.MAX));
    }

    /** Every node hears of it at once, or finds it at its next look. */
    private Future<Reply> told(Future<Void> changed) {
        return changed.map(done -> {
            bus.publish(Addresses.SYSTEM_ACCOUNTS_CHANGED, Done.DONE);
            return Reply.ok();
        });
    }
}
