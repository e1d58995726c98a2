package dev.herald.fanout;

import dev.herald.postgres.PgClients;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** Notes commands that have reached everybody: in one statement, all that came while the one before was under way. */
final class Finishes {
    private final PendingCommands pending;
    private final Duration lease;
    private final BooleanSupplier follow;
    private Map<Claim, Promise<Optional<Claim>>> gathered = new LinkedHashMap<>();
    private boolean underWay;
    private boolean ending;

    /** @param follow whether the next command of a finished one's channel is to be claimed right away */
    Finishes(PendingCommands pending, Duration lease, BooleanSupplier follow) {
        this.pending = pending;
        this.lease = lease;
        this.follow = follow;
    }

    /** The next command of the channel, if it was claimed. */
    Future<Optional<Claim>> note(Claim claim) {
        Promise<Optional<Claim>> result = Promise.promise();
        gathered.put(claim, result);
        noteGathered();
        return result.future();
    }

    /** What cannot be noted from now on is left to whoever claims it next. */
    void end() {
        ending = true;
        noteGathered();
    }

    /** Also what could not be noted before. */
    void noteGathered() {
        if (underWay || gathered.isEmpty()) {
            return;
        }
        Map<Claim, Promise<Optional<Claim>>> round = gathered;
        gathered = new LinkedHashMap<>();
        underWay = true;
        pending.finish(List.copyOf(round.keySet()), follow.getAsBoolean()).onComplete(noted -> {
            underWay = false;
            boolean isMore = !gathered.isEmpty();
            if (noted.succeeded()) {
                round.forEach((claim, result) ->
                        result.complete(Optional.ofNullable(noted.result().get(claim.id()))));
            } else if (PgClients.isRefusal(noted.cause())) {
                round.forEach(this::noteAlone);
            } else {
                keep(round, noted.cause());
            }
            if (isMore) {
                noteGathered();
            }
        });
    }

    /** What one of them is refused for, or the command that follows one, holds up no others. */
    private void noteAlone(Claim claim, Promise<Optional<Claim>> result) {
        pending.finish(List.of(claim), false)
                .map(none -> Optional.<Claim>empty())
                .onComplete(result);
    }

    /** For the next round, before what came meanwhile: of a run none is done before the one that it follows. */
    private void keep(Map<Claim, Promise<Optional<Claim>>> round, Throwable cause) {
        Map<Claim, Promise<Optional<Claim>>> later = gathered;
        gathered = new LinkedHashMap<>();
        round.forEach((claim, result) -> {
            if (claim.isHeld(lease) && !ending) {
                gathered.put(claim, result);
            } else {
                result.fail(cause);
            }
        });
        gathered.putAll(later);
    }
}
