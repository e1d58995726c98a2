package dev.herald.presence.session;

import dev.herald.bus.message.PresenceMessage.EndReason;
import dev.herald.bus.message.PresenceMessage.SessionInfo;
import dev.herald.bus.message.PresenceMessage.SessionOpened;
import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import dev.herald.presence.registry.Change;
import dev.herald.presence.registry.Outcome;
import dev.herald.presence.registry.SessionRegistry;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;

/** Opens sessions: whoever asks has an answer soon, and a session whose opening failed is not left in the registry. */
public final class Openings {
    /** How long an open may wait for its turn; with the registry's own deadline it stays below that of the address. */
    private static final Duration TURN_WAIT = Duration.ofSeconds(5);

    private static final String REPLACED_TEXT = "login in other device";

    private final Changes changes;
    private final SessionRegistry registry;
    private final Residents residents;

    Openings(Changes changes, SessionRegistry registry, Residents residents) {
        this.changes = changes;
        this.registry = registry;
        this.residents = residents;
    }

    /** Fails without a trace, or is undone. */
    public Future<SessionOpened> open(SessionInfo session) {
        Promise<SessionOpened> opened = Promise.promise();
        long until = System.nanoTime() + TURN_WAIT.toNanos();
        changes.turn(session.uid(), () -> {
                    if (System.nanoTime() > until) {
                        return Future.failedFuture(new HeraldException(Failure.TIMEOUT, "the registry is slow"));
                    }
                    return connect(session, opened);
                })
                .onFailure(cause -> opened.tryFail(SessionRegistry.unavailable(cause)));
        return opened.future();
    }

    private Future<Outcome> connect(SessionInfo session, Promise<SessionOpened> opened) {
        if (!registry.isReady()) {
            return Future.failedFuture(new HeraldException(Failure.UNAVAILABLE, "the registry is not connected"));
        }
        Change change = Change.open(changes.nextOp(), session);
        return changes.attempt(change, REPLACED_TEXT)
                .onSuccess(outcome -> {
                    residents.add(session);
                    opened.complete(new SessionOpened(outcome.version()));
                })
                .recover(cause -> {
                    opened.fail(SessionRegistry.unavailable(cause));
                    return undo(session, change);
                });
    }

    /** Either it learns what the open did, or the open can do nothing any more. */
    private Future<Outcome> undo(SessionInfo session, Change open) {
        return changes.carry(Change.undo(open, session.id()), REPLACED_TEXT)
                .compose(outcome -> outcome.verb().equals("open")
                        ? changes.carry(Change.end(changes.nextOp(), session.uid(), session.id(), EndReason.CLOSE), "")
                        : Future.succeededFuture(outcome));
    }
}
