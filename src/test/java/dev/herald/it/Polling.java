package dev.herald.it;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.awaitility.pollinterval.IterativePollInterval;
import org.junit.jupiter.api.extension.Extension;

/**
 * Of all tests: what they wait for is looked at at once, soon again, and ever more rarely. Most of it comes soon, and
 * nothing is given up before a machine that is busy with everything else had its time.
 */
public final class Polling implements Extension {
    private static final Duration FIRST = Duration.ofMillis(10);
    private static final Duration LONGEST = Duration.ofMillis(100);
    private static final Duration PATIENCE = Duration.ofSeconds(40);

    public Polling() {
        Awaitility.setDefaultPollDelay(Duration.ZERO);
        Awaitility.setDefaultPollInterval(IterativePollInterval.iterative(Polling::next, FIRST));
        Awaitility.setDefaultTimeout(PATIENCE);
    }

    private static Duration next(Duration before) {
        Duration longer = before.multipliedBy(3).dividedBy(2);
        return longer.compareTo(LONGEST) < 0 ? longer : LONGEST;
    }
}
