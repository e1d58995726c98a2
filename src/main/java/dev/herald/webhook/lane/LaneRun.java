package dev.herald.webhook.lane;

import dev.herald.eventlog.LoggedEvent;
import dev.herald.eventlog.Position;
import java.util.List;
import java.util.Optional;

/**
 * What one claim of a lane has in hand, cut into batches as it goes.
 *
 * @param after the lane's cursor
 * @param attempts of the first batch, failed so far
 * @param failingSinceNanos since when it fails, by {@link System#nanoTime}; of no meaning without attempts
 * @param mayPark whether one more key of the endpoint may go its own way
 * @param firstSize how many events the first batch has, as it was written down with the claim
 * @param events none only if those of an earlier attempt are gone
 * @param full true if there may be more in the log
 */
public record LaneRun(
        LaneKey lane,
        Position after,
        int attempts,
        long failingSinceNanos,
        boolean mayPark,
        int firstSize,
        List<LoggedEvent> events,
        boolean full) {

    public LaneRun {
        events = List.copyOf(events);
    }

    public Optional<Batch> batch() {
        return events.isEmpty()
                ? Optional.empty()
                : Optional.of(new Batch(lane, after, attempts, events.subList(0, firstSize)));
    }

    /** What is left when the first {@code count} events are through. */
    public LaneRun behind(int count, Cut cut) {
        List<LoggedEvent> rest = events.subList(count, events.size());
        return new LaneRun(lane, events.get(count - 1).at(), 0, 0, mayPark, cut.of(rest), rest, full);
    }

    /**
     * How an endpoint's batches are cut.
     *
     * @param size most events
     * @param byType true if all are of one type
     */
    public record Cut(int size, boolean byType) {
        public int of(List<LoggedEvent> events) {
            int count = 0;
            while (count < events.size() && count < size && joins(events, count)) {
                count++;
            }
            return count;
        }

        private boolean joins(List<LoggedEvent> events, int index) {
            return index == 0
                    || !byType
                    || (events.get(index).type().equals(events.getFirst().type())
                            && !Batch.isAlone(events.getFirst().type()));
        }
    }
}
