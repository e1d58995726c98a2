package dev.herald.fanout;

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
        pending.finish(List.copyOf(round.keySet()), follow.getAsBoolean()).onComplete(noted -> {
            underWay = false;
            round.forEach(
                    (claim, result) -> result.handle(noted.map(next -> Optional.ofNullable(next.get(claim.id())))));
            if (!gathered.isEmpty() && !underWay) {
                noteGathered();
            }
        });
    }
}
