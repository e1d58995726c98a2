package dev.herald.webhook.retry;

import dev.herald.webhook.post.Outcome;
import dev.herald.webhook.post.Outcome.Kind;
import java.time.Duration;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** What is done about a batch after an attempt. */
public sealed interface Verdict {
    record Delivered() implements Verdict {}

    /** The same batch again, later. */
    record Retry(Duration delay) implements Verdict {}

    /** Half of it, to find out what the endpoint will not have. */
    record Split(int first, Duration delay) implements Verdict {}

    /** This event, and what its key has behind it, go their own way; the others in the lane go on. */
    record Park(Duration delay) implements Verdict {}

    record GiveUp() implements Verdict {}

    /** The endpoint wants no more of anything; the lane waits all the same, for as long as that is not written down. */
    record Pause(Duration delay) implements Verdict {}

    /**
     * How a batch stands.
     *
     * @param attempts with the one that is judged
     * @param failingFor since the first of them
     * @param othersDelivered true if the endpoint took something else since then
     * @param mayPark false if the event goes its own way already, or too many do
     */
    record Standing(int size, int attempts, Duration failingFor, boolean othersDelivered, boolean mayPark) {}

    /** Failed so often, a batch is the suspect if others get through … */
    int SUSPECT_ATTEMPTS = 3;

    /** … told each time that it comes too soon, which may be true, … */
    int TOO_SOON_ATTEMPTS = 4;

    /** … and even if nobody knows. */
    int SPLIT_ATTEMPTS = 5;

    static Verdict of(Outcome outcome, Standing batch, RetrySchedule schedule, RandomGenerator random) {
        if (outcome.delivered()) {
            return new Delivered();
        }
        if (outcome.kind() == Kind.GONE) {
            return new Pause(schedule.delayAfter(batch.attempts(), Optional.empty(), random));
        }
        Optional<Duration> asked = outcome.retryAfter();
        boolean tooSoon = outcome.kind() == Kind.THROTTLED && !outcome.isGatewayError();
        boolean suspect = outcome.kind() == Kind.REFUSED
                || (batch.othersDelivered() && batch.attempts() >= (tooSoon ? TOO_SOON_ATTEMPTS : SUSPECT_ATTEMPTS));
        if (batch.size() > 1 && (suspect || batch.attempts() >= SPLIT_ATTEMPTS)) {
            return new Split(batch.size() / 2, schedule.delayAfter(1, asked, random));
        }
        if (schedule.isOver(batch.attempts(), batch.failingFor())) {
            return new GiveUp();
        }
        Duration delay = schedule.delayAfter(batch.attempts(), asked, random);
        return suspect && batch.mayPark() ? new Park(delay) : new Retry(delay);
    }
}
