package dev.herald.fanout.walk;

import dev.herald.postgres.PgClients;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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
        pending.finish(List.copyOf(round.keySet()), follow.getAsBoolean())
                .onSuccess(next ->
                        round.forEach((claim, result) -> result.complete(Optional.ofNullable(next.get(claim.id())))))
                .recover(cause -> PgClients.isRefusal(cause) ? noteEach(round, cause) : Future.failedFuture(cause))
                .onComplete(noted -> {
                    underWay = false;
                    boolean isMore = !gathered.isEmpty();
                    if (noted.failed()) {
                        keep(round, noted.cause());
                    }
                    if (isMore) {
                        noteGathered();
                    }
                });
    }

    /** What one of them is refused for, or the command that follows one, holds up nobody but what comes behind it. */
    private Future<Map<Long, Claim>> noteEach(Map<Claim, Promise<Optional<Claim>>> round, Throwable refusal) {
        Set<Long> behind = new HashSet<>();
        Future<Map<Long, Claim>> each = Future.succeededFuture(Map.of());
        for (Map.Entry<Claim, Promise<Optional<Claim>>> entry : round.entrySet()) {
            Claim claim = entry.getKey();
            each = each.compose(before -> behind.contains(claim.id())
                            ? Future.failedFuture(refusal)
                            : pending.finish(List.of(claim), false))
                    .onSuccess(noted -> entry.getValue().complete(Optional.empty()))
                    .onFailure(cause -> {
                        entry.getValue().fail(cause);
                        if (claim.next() != null) {
                            behind.add(claim.next().id());
                        }
                    })
                    .otherwise(Map.of());
        }
        return each;
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
