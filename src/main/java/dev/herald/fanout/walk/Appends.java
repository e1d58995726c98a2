package dev.herald.fanout.walk;

import dev.herald.bus.message.SocketMessage.Place;
import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import dev.herald.fanout.epoch.Epoch;
import dev.herald.fanout.inbox.DeviceCursors;
import dev.herald.fanout.inbox.FanoutMeters;
import dev.herald.fanout.inbox.InboxCalls;
import dev.herald.fanout.inbox.InboxCalls.Run;
import dev.herald.fanout.inbox.Inboxes;
import dev.herald.fanout.inbox.Readers;
import dev.herald.fanout.inbox.Resyncs;
import dev.herald.lifecycle.Bulkhead;
import dev.herald.redis.RedisScript;
import io.vertx.core.Future;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Appends a command to the inboxes of a page of users: a repeat leaves one entry. Pages take turns, batch by batch. */
public final class Appends {
    public static final RedisScript APPEND = RedisScript.load("inbox-append", "inbox-append-new", "inbox-common");
    private static final int BATCH = 128;
    private static final int BATCHES_IN_FLIGHT = 8;

    /** Redis calls that this may have in flight. */
    public static final int MAX_IN_FLIGHT = BATCH * BATCHES_IN_FLIGHT;

    /** The durable tail of a user is renewed that often even if no device acknowledges; far below what a rebuild skips. */
    private static final int TAIL_STEP = 1 << 15;

    private final InboxCalls calls;
    private final DeviceCursors cursors;
    private final Resyncs resyncs;
    private final FanoutMeters meters;
    private final Epoch epoch;
    private final Duration lease;
    private final int bound;
    private final Bulkhead batches = new Bulkhead(BATCHES_IN_FLIGHT);

    /** @param bound most unacknowledged entries of one inbox, before a resync takes their place */
    public Appends(
            InboxCalls calls,
            DeviceCursors cursors,
            Resyncs resyncs,
            FanoutMeters meters,
            Epoch epoch,
            Duration lease,
            int bound) {
        this.calls = calls;
        this.cursors = cursors;
        this.resyncs = resyncs;
        this.meters = meters;
        this.epoch = epoch;
        this.lease = lease;
        this.bound = bound;
    }

    boolean arePossible() {
        return calls.arePossible();
    }

    /** The places of the command in the inboxes of those users who have sessions, by the incarnation of their node. */
    public Future<Map<Long, List<Place>>> append(Claim claim) {
        Map<Long, List<Place>> places = new HashMap<>();
        List<Future<Void>> written = new ArrayList<>();
        for (int from = 0; from < claim.page().size(); from += BATCH) {
            List<String> uids = claim.page()
                    .subList(from, Math.min(from + BATCH, claim.page().size()));
            written.add(batches.run(() -> batch(claim, uids, places)));
        }
        return Future.join(written)
                .onSuccess(done -> meters.reached(claim.page().size(), claim.age()))
                .map(places);
    }

    private Future<Void> batch(Claim claim, List<String> uids, Map<Long, List<Place>> places) {
        List<Object> args = List.of(claim.id(), claim.coalesceKey(), Inboxes.LOOK_BACK, bound, claim.clears() ? 1 : 0);
        return calls.evalEach(
                        APPEND, uids.stream().map(uid -> new Run(uid, args)).toList(), () -> permit(claim))
                .compose(replies -> {
                    Map<String, String> tooLong = new HashMap<>();
                    for (int i = 0; i < uids.size(); i++) {
                        Response reply = replies.get(i);
                        if (reply != null) {
                            take(uids.get(i), Appended.parse(reply.toString()), places, tooLong);
                        }
                    }
                    return resyncs.insert(tooLong, "overflow");
                });
    }

    /** In a later epoch the command begins again, and what follows it in its channel must not come before. */
    private Future<Void> permit(Claim claim) {
        return claim.isHeld(lease) && claim.epoch() >= epoch.number()
                ? Future.succeededFuture()
                : Future.failedFuture(
                        new HeraldException(Failure.TIMEOUT, "the lease ran out before the page was written"));
    }

    private void take(String uid, Appended appended, Map<Long, List<Place>> places, Map<String, String> tooLong) {
        long seq = appended.seq();
        meters.appended(appended.length(), appended.dropped());
        if (seq % TAIL_STEP == 0 && seq > 0) {
            cursors.note(uid, Readers.NO_READER);
        }
        if (seq > 0) {
            for (long incarnation : appended.incarnations()) {
                places.computeIfAbsent(incarnation, it -> new ArrayList<>()).add(new Place(uid, seq));
            }
        }
        if (appended.isTooLong()) {
            // The last resync says whether the next one is on its way.
            tooLong.put(uid, epoch.number() + "." + appended.lastResync());
        }
    }
}
