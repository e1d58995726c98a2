package dev.herald.it;

import java.util.Random;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What chance decides in a test: something else each time, and the same again if the seed in its output is given. */
final class Chance {
    private static final Logger log = LoggerFactory.getLogger(Chance.class);

    static final long SEED = Long.getLong("herald.test.seed", System.nanoTime());

    static {
        log.info("seed={}, -Dherald.test.seed repeats it", SEED);
    }

    private Chance() {}

    static Random random() {
        return new Random(SEED);
    }
}
