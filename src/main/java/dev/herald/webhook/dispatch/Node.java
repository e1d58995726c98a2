package dev.herald.webhook.dispatch;

import dev.herald.webhook.lane.Lanes;
import dev.herald.webhook.lane.Leases;
import dev.herald.webhook.lane.Settlements;
import dev.herald.webhook.lane.SideLanes;
import dev.herald.webhook.record.AttemptLog;
import dev.herald.webhook.record.Health;
import dev.herald.webhook.record.WebhookMeters;
import dev.herald.webhook.retry.RetrySchedule;
import io.vertx.core.Vertx;
import java.util.random.RandomGenerator;

/** What the dispatchers of one node share. */
public record Node(
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
