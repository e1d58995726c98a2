package dev.herald.fanout.walk;

import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.message.SocketMessage.Place;
import dev.herald.bus.message.SocketMessage.Wake;
import dev.herald.config.HeraldConfig;
import dev.herald.fanout.inbox.Bodies;
import dev.herald.fanout.inbox.FanoutMeters;
import dev.herald.trail.Trail;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Walks claimed commands over their users, page by page: append, wake, note. A walk that fails just ends; the command
 * stays pending, and when the lease is over a sweep takes it up where the last page was noted.
 */
public final class FanOut {
    private static final Logger log = LoggerFactory.getLogger(FanOut.class);

    private final PendingCommands pending;
    private final Appends appends;
    private final Bodies bodies;
    private final Bus bus;
    private final int concurrency;
    private final FanoutMeters meters;
    private final Trail trail;
    private final Runnable onRoom;
    private final Finishes finishes;

    private final Set<Long> walking = new HashSet<>();
    /** Of these, the ones beyond their first page: never so many that short ones would have to wait for them. */
    private final Set<Long> longOnes = new HashSet<>();

    /** Of these, the ones that only wait to be noted, while what was claimed together with them goes on. */
    private final Set<Long> handedOn = new HashSet<>();

    /** Claimed again while an earlier walk of theirs has not ended. */
    private final Map<Long, Claim> restarted = new HashMap<>();

    private final Promise<Void> drained = Promise.promise();
    private boolean stopping;
    private boolean follows;
    private boolean looked;
    private boolean moreIsDue;
    private long floor;

    /** @param onRoom told when a sweep would find both work and room for it */
    public FanOut(
            PendingCommands pending,
            Appends appends,
            Bodies bodies,
            Bus bus,
            HeraldConfig.Commands config,
            FanoutMeters meters,
            Trail trail,
            Runnable onRoom) {
        this.pending = pending;
        this.appends = appends;
        this.bodies = bodies;
        this.bus = bus;
        this.concurrency = config.concurrency();
        this.meters = meters;
        this.trail = trail;
        this.onRoom = onRoom;
        this.finishes = new Finishes(pending, config.lease(), this::mayFollow);
    }

    /** The lowest command id that may still be appended, as of the last sweep. */
    public long floor() {
        return floor;
    }

    /** Claims as many commands as there is room for; true as long as some are pending. */
    public Future<Boolean> sweep() {
        finishes.noteGathered();
        int room = concurrency - lanes();
        if (room <= 0 || stopping || !appends.arePossible()) {
            moreIsDue = room <= 0;
            return Future.succeededFuture(true);
        }
        boolean begun = hasRoomForLong();
        return pending.claim(room, begun).map(claimed -> {
            looked = true;
            moreIsDue = claimed.claims().size() == room || !begun;
            claimed.claims().forEach(this::begin);
            return learn(claimed);
        });
    }

    /** What is pending grows old also while nothing can be claimed; whoever claims has looked. True as {@link #sweep} is. */
    public Future<Boolean> look() {
        if (looked) {
            looked = false;
            return Future.succeededFuture(false);
        }
        return pending.claim(0, false).map(this::learn);
    }

    private boolean learn(DueCommands.Claimed found) {
        floor = found.floor();
        meters.pendingSince(found.oldest());
        return found.oldest().isPositive();
    }

    /** Pages under way are finished and noted; no further ones begin. */
    public Future<Void> drain() {
        stopping = true;
        finishes.end();
        endIfDrained();
        return drained.future();
    }

    private void begin(Claim claim) {
        if (stopping) {
            return;
        }
        if (walking.add(claim.id())) {
            bodies.keep(claim.command());
            walk(claim);
        } else {
            restarted.put(claim.id(), claim);
        }
    }

    private void walk(Claim claim) {
        appends.append(claim)
                .onSuccess(places -> wake(claim, places))
                .onSuccess(places -> beginNext(claim))
                .compose(places -> note(claim))
                .recover(cause -> {
                    log.atWarn()
                            .addKeyValue("command", claim.id())
                            .setCause(cause)
                            .log("is not fanned out yet, it is tried again");
                    return Future.succeededFuture(Optional.empty());
                })
                .onSuccess(next -> proceed(claim, next));
    }

    /** Of those claimed together: before the end of this one is noted, since a repeat of it would find its entries. */
    private void beginNext(Claim reached) {
        if (reached.next() != null) {
            handedOn.add(reached.id());
            begin(reached.next());
        }
    }

    private Future<Optional<Claim>> note(Claim claim) {
        if (pending.isLast(claim)) {
            return finishes.note(claim);
        }
        if (longOnes.contains(claim.id()) || hasRoomForLong()) {
            longOnes.add(claim.id());
            return pending.advance(claim);
        }
        return pending.pause(claim);
    }

    /** With much under way all take turns, on all nodes; with little, a busy channel need not wait for a sweep. */
    private boolean mayFollow() {
        follows = !stopping && lanes() <= concurrency / 2;
        return follows;
    }

    private int lanes() {
        return walking.size() - handedOn.size();
    }

    private boolean hasRoomForLong() {
        return longOnes.size() < Math.max(1, concurrency * 3 / 4);
    }

    /** A lost wake is found by the socket's own sweep. */
    private void wake(Claim claim, Map<Long, List<Place>> places) {
        trail.listed(claim.id(), claim.page().size());
        places.forEach((node, there) -> bus.toNode(node, Addresses.SOCKETS_WAKE, new Wake(claim.command(), there)));
    }

    /** On to the next page, or to the channel's next command, or to what a sweep finds. */
    private void proceed(Claim done, Optional<Claim> next) {
        walking.remove(done.id());
        handedOn.remove(done.id());
        Claim again = restarted.remove(done.id());
        if (next.isEmpty() || next.get().id() != done.id()) {
            longOnes.remove(done.id());
        }
        next.ifPresent(this::begin);
        if (again != null && !walking.contains(again.id())) {
            begin(again);
        }
        endIfDrained();
        if (next.isEmpty() && (moreIsDue || !follows) && !stopping) {
            onRoom.run();
        }
    }

    private void endIfDrained() {
        if (stopping && walking.isEmpty()) {
            drained.tryComplete();
        }
    }
}
