package dev.herald.fanout.walk;

import dev.herald.postgres.PgClients;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
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
    private List<Reached> gathered = new ArrayList<>();
    private boolean underWay;
    private boolean ending;

    /** @param noted with the next command of the channel, if it was claimed */
    private record Reached(Claim claim, Promise<Optional<Claim>> noted) {}

    /** @param follow whether the next command of a finished one's channel is to be claimed right away */
    Finishes(PendingCommands pending, Duration lease, BooleanSupplier follow) {
        this.pending = pending;
        this.lease = lease;
        this.follow = follow;
    }

    /** The next command of the channel, if it was claimed. */
    Future<Optional<Claim>> note(Claim claim) {
        Reached reached = new Reached(claim, Promise.promise());
        gathered.add(reached);
        noteGathered();
        return reached.noted.future();
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
        List<Reached> round = gathered;
        gathered = new ArrayList<>();
        underWay = true;
        pending.finish(round.stream().map(Reached::claim).toList(), follow.getAsBoolean())
                .onSuccess(next ->
                        round.forEach(each -> each.noted.complete(Optional.ofNullable(next.get(each.claim.id())))))
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
    private Future<Map<Long, Claim>> noteEach(List<Reached> round, Throwable refusal) {
        Set<Long> behind = new HashSet<>();
        Future<Map<Long, Claim>> each = Future.succeededFuture(Map.of());
        for (Reached reached : round) {
            Claim claim = reached.claim;
            each = each.compose(before -> behind.contains(claim.id())
                            ? Future.failedFuture(refusal)
                            : pending.finish(List.of(claim), false))
                    .onSuccess(noted -> reached.noted.complete(Optional.empty()))
                    .onFailure(cause -> {
                        reached.noted.fail(cause);
                        if (claim.next() != null) {
                            behind.add(claim.next().id());
                        }
                    })
                    .otherwise(Map.of());
        }
        return each;
    }

    /** For the next round, before what came meanwhile: of a run none is done before the one that it follows. */
    private void keep(List<Reached> round, Throwable cause) {
        List<Reached> later = gathered;
        gathered = new ArrayList<>();
        for (Reached each : round) {
            if (each.claim.isHeld(lease) && !ending) {
                gathered.add(each);
            } else {
                each.noted.fail(cause);
            }
        }
        gathered.addAll(later);
    }
}
