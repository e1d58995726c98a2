package dev.herald.webhook.post;

import dev.herald.eventlog.LoggedEvent;
import dev.herald.webhook.lane.Batch;
import java.time.Duration;
import java.util.List;

/**
 * One attempt and what came of it.
 *
 * @param batch what was sent: the one that was handed in, or its beginning
 * @param unreadable events of it that cannot be given a form
 * @param sent false if nothing of it could be shown
 * @param latency from the first byte out to the last one back
 */
public record Delivery(Batch batch, Outcome outcome, List<LoggedEvent> unreadable, boolean sent, Duration latency) {
    public Delivery {
        unreadable = List.copyOf(unreadable);
    }
}
