package dev.herald.fanout;

import dev.herald.postgres.PgClients;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** Notes commands that have reached everybody: in one statement, all that came while the one before was under way. */
final class Finishes {
    private final PendingCommands pending;
    private final BooleanSupplier follow;
    private Map<Claim, Promise<Optional<Claim>>> gathered = new LinkedHashMap<>();
    private boolean underWay;

    /** @param follow whether the next command of a finished one's channel is to be claimed right away */
    Finishes(PendingCommands pending, BooleanSupplier follow) {
        this.pending = pending;
        this.follow = follow;
    }

    /** The next command of the channel, if it was claimed. */
    Future<Optional<Claim>> note(Claim claim) {
        Promise<Optional<Claim>> result = Promise.promise();
        gathered.put(claim, result);
        if (!underWay) {
            noteGathered();
        }
        return result.future();
    }

    private void noteGathered() {
        Map<Claim, Promise<Optional<Claim>>> round = gathered;
        gathered = new LinkedHashMap<>();
        underWay = true;
        pending.finish(List.copyOf(round.keySet()), follow.getAsBoolean())
                .onSuccess(next ->
                        round.forEach((claim, result) -> result.complete(Optional.ofNullable(next.get(claim.id())))))
                .onFailure(cause -> round.forEach((claim, result) -> noteAlone(claim, result, cause)))
                .onComplete(noted -> {
                    underWay = false;
                    if (!gathered.isEmpty()) {
                        noteGathered();
                    }
                });
    }

    /** What one of them is refused for, or the command that follows one, holds up no others. */
    private void noteAlone(Claim claim, Promise<Optional<Claim>> result, Throwable cause) {
        if (PgClients.isRefusal(cause)) {
            pending.finish(List.of(claim), false)
                    .map(none -> Optional.<Claim>empty())
                    .onComplete(result);
        } else {
            result.fail(cause);
        }
    }
}
