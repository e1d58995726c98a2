package dev.herald.messaging.judge;

import dev.herald.account.SystemAccounts;
import dev.herald.model.Uid;
import io.vertx.core.Future;
import java.util.Set;

/** Who is a system account, as of the last {@link #refresh}. */
public final class SystemUids {
    private final SystemAccounts accounts;
    private Set<String> uids = Set.of();

    public SystemUids(SystemAccounts accounts) {
        this.accounts = accounts;
    }

    public Future<Void> refresh() {
        return accounts.all().map(all -> {
            uids = Set.copyOf(all);
            return null;
        });
    }

    boolean contain(String uid) {
        return uid.equals(Uid.SYSTEM) || uids.contains(uid);
    }
}
