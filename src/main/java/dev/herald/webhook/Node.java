package dev.herald.webhook;

import io.vertx.core.Vertx;
import java.util.random.RandomGenerator;

/** What the dispatchers of one node share. */
record Node(
        Vertx vertx,
        Lanes lanes,
        Leases leases,
        Settlements settlements,
        SideLanes sideLanes,
        Replays replays,
        AttemptLog attempts,
        Health health,
        WebhookMeters meters,
        RetrySchedule schedule,
        RandomGenerator random) {}
