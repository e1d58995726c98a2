package dev.herald.fanout;

import java.time.Duration;

/**
 * What nobody needs to set, but tests.
 *
 * @param page members that one page of a fan-out reaches
 * @param sweep for commands whose wake-up was lost
 */
record Tuning(int page, Duration sweep) {
    static final Tuning STANDARD = new Tuning(1_000, Duration.ofSeconds(1));
}
